// Typed tables as files: what DuckDB opens by path is unpacked from the database into a cache that may be deleted at any time.
import { mkdir, readdir, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { getFile } from "./blobs.ts";
import type { Store } from "./database.ts";
import { realPathOf } from "./real-path.ts";

const keptBytes = 8 * 2 ** 30;

/** Work files of one database lie beside it, by whatever link it is opened. */
export function workFolderOf(databasePath: string): string {
  return `${realPathOf(databasePath)}.cache`;
}

/** The path of the table with this hash, unpacked when it is not there. */
export async function unpackTable(store: Store, workFolder: string, hash: string): Promise<string> {
  const folder = join(workFolder, "tables");
  const path = join(folder, `${hash}.parquet`);
  const now = new Date();
  // The file's time is when it was last used.
  const present = await utimes(path, now, now).then(
    () => true,
    () => false,
  );
  if (present) return path;
  await mkdir(folder, { recursive: true });
  await getFile(store, hash, path);
  await dropOldest(folder);
  return path;
}

/** Removes what earlier processes left: uploads cut short, temporary folders. Tables stay. */
export async function clearLeftovers(workFolder: string): Promise<void> {
  const names = await readdir(workFolder).catch(() => [] as string[]);
  for (const name of names) if (name !== "tables") await rm(join(workFolder, name), { recursive: true, force: true });
}

async function dropOldest(folder: string): Promise<void> {
  const files = [];
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const { size, mtimeMs } = await stat(path).catch(() => ({ size: 0, mtimeMs: 0 }));
    files.push({ path, size, mtimeMs });
  }
  files.sort((a, b) => b.mtimeMs - a.mtimeMs);
  let total = 0;
  for (const { path, size } of files) {
    total += size;
    if (total > keptBytes) await rm(path, { recursive: true, force: true });
  }
}
