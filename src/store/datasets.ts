// Datasets: one row of description each, the typed table as a blob.
import type { Transaction } from "kysely";
import type { ColumnSchema, Dataset, DatasetFormat, DatasetProblem, DatasetReading } from "../contract/dataset.ts";
import type { PageQuery } from "../contract/primitives.ts";
import { DomainError } from "../errors.ts";
import { type Blob, deleteUnreferencedBlobs } from "./blobs.ts";
import { inTransaction, releaseFreePages, type Store, type StoreOrTransaction } from "./database.ts";
import { type IdempotencyRecord, saveIdempotency } from "./idempotency.ts";
import type { DatasetRow, Tables } from "./tables.ts";

export interface NewDataset {
  id: string;
  name: string;
  format: DatasetFormat;
  reading: DatasetReading;
  rows: number;
  columns: ColumnSchema[];
  problems: DatasetProblem[];
  problemCount: number;
  suggestedTarget: string | null;
  blob: Blob;
}

/** Stores the description; `idempotency` is written in the same transaction. */
export async function insertDataset(
  store: Store,
  dataset: NewDataset,
  idempotency?: (created: Dataset) => IdempotencyRecord,
): Promise<Dataset> {
  return await inTransaction(store, async (transaction) => {
    const created = await insertDatasetRow(transaction, dataset);
    if (idempotency !== undefined) await saveIdempotency(transaction, idempotency(created));
    return created;
  });
}

/** Stores the description unless one with its id is there already, whose description it then gives. */
export async function insertDatasetOnce(store: Store, dataset: NewDataset): Promise<Dataset> {
  return await inTransaction(store, async (transaction) => {
    return (await findDataset(transaction, dataset.id)) ?? (await insertDatasetRow(transaction, dataset));
  });
}

/** The description alone, for a transaction that stores more. */
export async function insertDatasetRow(transaction: Transaction<Tables>, dataset: NewDataset): Promise<Dataset> {
  const row: DatasetRow = {
    id: dataset.id,
    name: dataset.name,
    format: dataset.format,
    reading: JSON.stringify(dataset.reading),
    rows: dataset.rows,
    columns: JSON.stringify(dataset.columns),
    problems: JSON.stringify(dataset.problems),
    problem_count: dataset.problemCount,
    suggested_target: dataset.suggestedTarget,
    blob: dataset.blob.hash,
    size_bytes: dataset.blob.sizeBytes,
    created_at: Date.now(),
  };
  await transaction.insertInto("dataset").values(row).execute();
  return toDataset(row);
}

const builtinPrefix = "ds_builtin_";

/** A built-in dataset is stored when it is first used, under this id; lists leave it out. */
export function builtinDatasetId(name: string): string {
  return `${builtinPrefix}${name}`;
}

export async function findDataset(store: StoreOrTransaction, id: string): Promise<Dataset | undefined> {
  const row = await store.selectFrom("dataset").selectAll().where("id", "=", id).executeTakeFirst();
  return row === undefined ? undefined : toDataset(row);
}

/** @throws DomainError `not_found` */
export async function getDataset(store: StoreOrTransaction, id: string): Promise<Dataset> {
  return toDataset(await getDatasetRow(store, id));
}

/** The hash of the typed table (Parquet). @throws DomainError `not_found` */
export async function getDatasetBlob(store: StoreOrTransaction, id: string): Promise<string> {
  return (await getDatasetRow(store, id)).blob;
}

async function getDatasetRow(store: StoreOrTransaction, id: string): Promise<DatasetRow> {
  const row = await store.selectFrom("dataset").selectAll().where("id", "=", id).executeTakeFirst();
  if (row === undefined) {
    throw new DomainError("not_found", `There is no dataset "${id}".`, {
      hint: "GET /v1/datasets lists those there are.",
    });
  }
  return row;
}

/** Newest first, those that were brought. */
export async function listDatasets(
  store: Store,
  { limit, after }: PageQuery,
): Promise<{ data: Dataset[]; has_more: boolean }> {
  let query = store
    .selectFrom("dataset")
    .selectAll()
    .where("id", "not like", `${builtinPrefix}%`)
    .orderBy("id", "desc")
    .limit(limit + 1);
  if (after !== undefined) query = query.where("id", "<", after);
  const rows = await query.execute();
  return { data: rows.slice(0, limit).map(toDataset), has_more: rows.length > limit };
}

/** @throws DomainError `not_found`, or `conflict` while a job that is not finished uses it */
export async function deleteDataset(store: Store, id: string): Promise<void> {
  await inTransaction(store, async (transaction) => {
    const row = await getDatasetRow(transaction, id);
    const user = await transaction
      .selectFrom("job")
      .select("id")
      .where("dataset_id", "=", id)
      .where("status", "in", ["queued", "running", "paused"])
      .executeTakeFirst();
    if (user !== undefined) {
      throw new DomainError("conflict", `Job ${user.id} uses this dataset.`, {
        hint: `Wait for it, or POST /v1/jobs/${user.id}/cancel first.`,
      });
    }
    await transaction.deleteFrom("dataset").where("id", "=", id).execute();
    await deleteUnreferencedBlobs(transaction, [row.blob]);
  });
  await releaseFreePages(store);
}

function toDataset(row: DatasetRow): Dataset {
  const self = `/v1/datasets/${row.id}`;
  const rows = `${self}/rows`;
  return {
    id: row.id,
    object: "dataset",
    name: row.name,
    format: row.format as DatasetFormat,
    reading: JSON.parse(row.reading) as DatasetReading,
    created_at: new Date(row.created_at).toISOString(),
    rows: row.rows,
    size_bytes: row.size_bytes,
    suggested_target: row.suggested_target,
    schema: { columns: (JSON.parse(row.columns) as ColumnSchema[]).map((column) => withAddresses(column, rows)) },
    problems: JSON.parse(row.problems) as DatasetProblem[],
    problem_count: row.problem_count,
    links: { self, rows, download: `${self}/download` },
  };
}

/** Images and sounds have no value to show: their examples are where to look at the first of them. */
function withAddresses(column: ColumnSchema, rows: string): ColumnSchema {
  if (column.type !== "image" && column.type !== "audio") return column;
  const examples = column.examples.map((_, index) => `${rows}/${index + 1}/${encodeURIComponent(column.name)}`);
  return { ...column, examples };
}
