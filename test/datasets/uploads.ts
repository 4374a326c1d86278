// Writes small uploads into a temporary folder and sends them through the real ingest process.
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import type { Cell, DatasetFormat, DatasetOptions } from "../../src/contract/dataset.ts";
import type { IngestedDataset, IngestLimits } from "../../src/datasets/ingest-protocol.ts";
import { ingest } from "../../src/datasets/ingest.ts";
import { DatasetError } from "../../src/datasets/problems.ts";
import { readTable } from "../../src/datasets/read-table.ts";
import type { TableColumn } from "../../src/datasets/table.ts";

export const sharedData = join(import.meta.dirname, "../../../shared/data");

/** For `test.skipIf`: the real sets are not part of the repository. */
export const absent = (path: string) => !existsSync(join(sharedData, path));

export interface Upload {
  content: string | Uint8Array;
  filename?: string;
  contentType?: string;
  format?: DatasetFormat;
  options?: DatasetOptions;
  limits?: Partial<IngestLimits>;
}

function cellOf(column: TableColumn, row: number): Cell {
  if ("codes" in column) return column.codes[row] < 0 ? null : column.dictionary[column.codes[row]];
  if (!("values" in column)) throw new Error("images are looked at as pixels");
  const value = column.values[row];
  if (Number.isNaN(value)) return null;
  return column.type === "boolean" ? value === 1 : value;
}

/**
 * A folder that is removed after the tests of the file, and ways to ingest into it; `small` uploads share one process, which
 * saves its start.
 */
export function uploadFolder({ small = false } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "deltarule-datasets-"));
  let files = 0;
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const write = (content: string | Uint8Array, filename = "upload") => {
    files += 1;
    const path = join(folder, `upload-${files}`);
    writeFileSync(path, content);
    return { path, filename };
  };

  const send = ({ content, filename, contentType, format, options, limits }: Upload): Promise<IngestedDataset> =>
    ingest({
      files: [{ ...write(content, filename), ...(contentType !== undefined && { contentType }) }],
      workFolder: folder,
      small,
      ...(format !== undefined && { format }),
      ...(options !== undefined && { options }),
      ...(limits !== undefined && { limits }),
    });

  return {
    folder,
    write,
    send,
    /** The rows of an upload as the table in memory has them; booleans and missing values as JSON writes them. */
    async rowsOf(upload: Upload): Promise<Record<string, Cell>[]> {
      const { parquetPath, columns } = await send(upload);
      const table = await readTable(parquetPath, columns);
      return Array.from({ length: table.rows }, (_, row) =>
        Object.fromEntries(table.columns.map((column) => [column.name, cellOf(column, row)])),
      );
    },
    sendCsv: (content: string, options?: DatasetOptions) =>
      send({ content, format: "csv", ...(options && { options }) }),
    /** What `send` refuses the upload with; fails when it does not. */
    async refusal(upload: Upload): Promise<DatasetError> {
      const error: unknown = await send(upload).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      if (error instanceof DatasetError) return error;
      throw new Error(`Expected a DatasetError, got ${String(error)}.`);
    },
    /** Files that are neither uploads nor finished tables. */
    leftOver: () => readdirSync(folder).filter((name) => !name.startsWith("upload-")),
  };
}
