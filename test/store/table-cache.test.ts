// The cache of unpacked tables: bounded in size, whatever lies in its folder.
import { mkdirSync, readdirSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { unpackTable, workFolderOf } from "../../src/store/table-cache.ts";
import { someBytes, storeDataset, temporaryStore } from "./construction.ts";

test("what was used least lately is dropped when the tables grow too large, folders included", async () => {
  const { store, path } = await temporaryStore();
  const folder = join(workFolderOf(path), "tables");
  mkdirSync(join(folder, "a-folder"), { recursive: true });
  const large = join(folder, "large.parquet");
  writeFileSync(large, "");
  truncateSync(large, 9 * 2 ** 30); // a hole: it takes no space
  utimesSync(large, 2, 2);
  utimesSync(join(folder, "a-folder"), 1, 1);
  const { hash } = await storeDataset(store, someBytes(10, 1));
  expect(await unpackTable(store, workFolderOf(path), hash)).toBe(join(folder, `${hash}.parquet`));
  expect(readdirSync(folder)).toEqual([`${hash}.parquet`]);
});
