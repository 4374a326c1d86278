// Files → typed table → stored dataset. Uploads and the inline rows of a job take the same way.
import { rm } from "node:fs/promises";
import type { Dataset, DatasetFormat, DatasetOptions } from "../contract/dataset.ts";
import { ingest } from "../datasets/ingest.ts";
import type { IngestFile } from "../datasets/ingest-protocol.ts";
import { putFile } from "../store/blobs.ts";
import type { Store } from "../store/database.ts";
import { insertDataset } from "../store/datasets.ts";
import type { IdempotencyRecord } from "../store/idempotency.ts";
import { newId } from "../store/ids.ts";

export interface ImportRequest {
  files: IngestFile[];
  name?: string;
  format?: DatasetFormat;
  options?: DatasetOptions;
}

/**
 * Reads the files in a process of their own and stores what they hold.
 * @throws DatasetError with every problem found; nothing is stored then
 */
export async function importDataset(
  { store, workFolder }: { store: Store; workFolder: string },
  { files, name, format, options }: ImportRequest,
  idempotency?: (created: Dataset) => IdempotencyRecord,
): Promise<Dataset> {
  const read = await ingest({
    files,
    workFolder,
    ...(format === undefined ? {} : { format }),
    ...(options === undefined ? {} : { options }),
  });
  try {
    const blob = await putFile(store, read.parquetPath);
    const dataset = {
      id: newId("ds"),
      name: name ?? read.name ?? nameFromFile(files[0]!.filename),
      format: read.format,
      rows: read.rows,
      columns: read.columns,
      problems: read.problems,
      problemCount: read.problemCount,
      suggestedTarget: read.suggestedTarget,
      blob,
    };
    return await insertDataset(store, dataset, idempotency);
  } finally {
    await rm(read.parquetPath, { force: true });
  }
}

/** "train-images-idx3-ubyte.gz" → "train-images-idx3-ubyte": only what a resource name may hold. */
function nameFromFile(filename: string): string {
  const plain = filename.replace(/\.gz$/i, "").replace(/\.[A-Za-z0-9]{1,8}$/, "").replace(/[^A-Za-z0-9 ._-]+/g, "-");
  return plain.replace(/^[^A-Za-z0-9]+/, "").slice(0, 128) || "dataset";
}
