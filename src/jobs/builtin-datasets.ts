// Built-in datasets: read and stored like an upload when they are first used, under an id of their own.
import { randomUUID } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BuiltinDatasetDescription, Dataset } from "../contract/dataset.ts";
import { suggestName } from "../contract/strict-object.ts";
import type { BuiltinDataset } from "../datasets/builtin/builtin.ts";
import { builtinDatasets, builtinNamed } from "../datasets/builtin/catalogue.ts";
import { ingest } from "../datasets/ingest.ts";
import { DomainError } from "../errors.ts";
import { builtinDatasetId, findDataset, insertDatasetOnce } from "../store/datasets.ts";
import { type ImportContext, keepTable } from "./import-dataset.ts";

/** All of them, without reading any. */
export function describeBuiltinDatasets(): BuiltinDatasetDescription[] {
  return builtinDatasets.map(({ name, title, rows, target, task, licence, source }) => {
    const links = { self: `/v1/datasets/${name}`, rows: `/v1/datasets/${name}/rows` };
    return { object: "builtin_dataset", name, title, rows, suggested_target: target, task, licence, source, links };
  });
}

/** The id behind what an address names: that of a built-in dataset by its name, any other as it is. */
export async function datasetIdOf(context: ImportContext, idOrName: string): Promise<string> {
  const builtin = builtinNamed(idOrName);
  return builtin === undefined ? idOrName : (await storedBuiltin(context, builtin)).id;
}

/**
 * The stored dataset behind a built-in name.
 * @throws DomainError `invalid_request` at /dataset/builtin for a name that there is not, or whose package is missing
 */
export async function builtinDataset(context: ImportContext, name: string): Promise<Dataset> {
  const builtin = builtinNamed(name);
  if (builtin !== undefined) return await storedBuiltin(context, builtin);
  const hint = suggestName(
    name,
    builtinDatasets.map((known) => known.name),
  );
  throw refusal("unknown_builtin", `There is no built-in dataset "${name}".`, hint);
}

async function storedBuiltin(context: ImportContext, builtin: BuiltinDataset): Promise<Dataset> {
  const { store, workFolder, stopping } = context;
  const id = builtinDatasetId(builtin.name);
  const stored = await findDataset(store, id);
  if (stored !== undefined) return stored;
  const folder = join(workFolder, `builtin-${randomUUID()}`);
  await mkdir(folder, { recursive: true });
  try {
    const files = (await filesOf(builtin)).map(({ filename, bytes }) => ({
      path: join(folder, filename),
      filename,
      bytes,
    }));
    for (const { path, bytes } of files) await writeFile(path, bytes);
    const read = await ingest({ files: files.map(({ path, filename }) => ({ path, filename })), workFolder }, stopping);
    const described = { ...read, suggestedTarget: builtin.target };
    return await keepTable(store, described, builtin.name, (dataset) => insertDatasetOnce(store, { ...dataset, id }));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function filesOf({ name, source, files }: BuiltinDataset) {
  try {
    return await files();
  } catch (error) {
    const { code } = error as { code?: string };
    if (code !== "MODULE_NOT_FOUND" && code !== "ENOENT") throw error;
    const detail = `The built-in dataset "${name}" is not installed here (${source}).`;
    throw refusal("builtin_not_installed", detail, "Install the optional packages: npm ci --include=optional.");
  }
}

function refusal(code: string, detail: string, hint: string): DomainError {
  return new DomainError("invalid_request", detail, { faults: [{ pointer: "/dataset/builtin", code, detail, hint }] });
}
