// Files → typed table → stored dataset. Uploads and the inline rows of a job take the same way.
import { rm } from "node:fs/promises";
import type { Dataset, DatasetFormat, DatasetOptions } from "../contract/dataset.ts";
import { ingest } from "../datasets/ingest.ts";
import { areSmallTexts } from "../datasets/small-texts.ts";
import type { IngestedDataset, IngestFile } from "../datasets/ingest-protocol.ts";
import { keepingBytes, putFile } from "../store/blobs.ts";
import type { Store } from "../store/database.ts";
import { insertDataset, type NewDataset } from "../store/datasets.ts";
import type { IdempotencyRecord } from "../store/idempotency.ts";
import { newId } from "../store/ids.ts";

export interface ImportRequest {
  files: IngestFile[];
  name?: string;
  format?: DatasetFormat;
  options?: DatasetOptions;
}

export interface ImportContext {
  store: Store;
  workFolder: string;
  /** Aborts when the server stops: reading the data is given up then. */
  stopping: AbortSignal;
}

/**
 * Reads the files in a process of their own and stores what they hold.
 * @throws DatasetError with every problem found; nothing is stored then
 */
export async function importDataset(
  context: ImportContext,
  request: ImportRequest,
  idempotency?: (created: Dataset) => IdempotencyRecord,
): Promise<Dataset> {
  const { files, name, format, options } = request;
  const read = await ingest(
    {
      files,
      workFolder: context.workFolder,
      small: await areSmallTexts(files),
      ...(format === undefined ? {} : { format }),
      ...(options === undefined ? {} : { options }),
    },
    context.stopping,
  );
  const { store } = context;
  return await keepTable(store, read, name ?? read.name ?? nameFromFile(files[0].filename), (dataset) =>
    insertDataset(store, dataset, idempotency),
  );
}

/** Stores the bytes of a table that was read, lets `insert` store what describes them, and removes the file. */
export async function keepTable<Result>(
  store: Store,
  read: IngestedDataset,
  name: string,
  insert: (dataset: NewDataset) => Promise<Result>,
): Promise<Result> {
  try {
    const { format, reading, rows, columns, problems, problemCount, suggestedTarget } = read;
    const described = {
      id: newId("ds"),
      name,
      format,
      reading,
      rows,
      columns,
      problems,
      problemCount,
      suggestedTarget,
    };
    return await keepingBytes(async () => insert({ ...described, blob: await putFile(store, read.parquetPath) }));
  } finally {
    await rm(read.parquetPath, { force: true });
  }
}

/** "train-images-idx3-ubyte.gz" → "train-images-idx3-ubyte": only what a resource name may hold. */
function nameFromFile(filename: string): string {
  const plain = filename
    .replace(/\.gz$/i, "")
    .replace(/\.[A-Za-z0-9]{1,8}$/, "")
    .replace(/[^A-Za-z0-9 ._-]+/g, "-");
  return plain.replace(/^[^A-Za-z0-9]+/, "").slice(0, 128) || "dataset";
}
