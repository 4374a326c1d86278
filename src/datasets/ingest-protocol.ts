// Every message between the server and the short-lived ingest process, and the limits that bound it.
import type {
  Cell,
  ColumnSchema,
  DatasetFormat,
  DatasetOptions,
  DatasetProblem,
  DatasetReading,
} from "../contract/dataset.ts";
import type { Fault } from "../errors.ts";

export interface IngestFile {
  path: string;
  /** As the client called it: a hint for the format, never a path. */
  filename: string;
  contentType?: string;
  /** Of a multipart form: "file", or the part or language that the file holds. */
  field?: string;
}

export interface IngestLimits {
  /** wall clock of the whole process */
  seconds: number;
  /** V8's heap: holds a JSON file while it is parsed */
  heapMegabytes: number;
  /** DuckDB's memory; beyond it DuckDB spills to the work folder */
  databaseMegabytes: number;
  /** of the whole process, whoever asked for it */
  residentMegabytes: number;
  threads: number;
  /** of all files of an upload, without gzip and archives */
  unpackedMegabytes: number;
}

export const defaultLimits: IngestLimits = {
  seconds: 300,
  heapMegabytes: 2048,
  databaseMegabytes: 1024,
  residentMegabytes: 3584,
  threads: 2,
  unpackedMegabytes: 4096,
};

export interface IngestCommand {
  command: "ingest";
  files: IngestFile[];
  format: DatasetFormat | null;
  options: DatasetOptions;
  temporaryFolder: string;
  parquetPath: string;
  limits: IngestLimits;
}

export interface RowsCommand {
  command: "rows";
  parquetPath: string;
  columns: Pick<ColumnSchema, "name" | "type">[];
  offset: number;
  limit: number;
  /** Path of the rows over HTTP: images and sounds are shown as what lies below it. */
  address: string;
  temporaryFolder: string;
  limits: IngestLimits;
}

export interface CellCommand {
  command: "cell";
  parquetPath: string;
  /** Position and description of an image or audio column. */
  index: number;
  column: Pick<ColumnSchema, "type" | "shape" | "sample_rate">;
  /** counted from 1 */
  row: number;
  temporaryFolder: string;
  limits: IngestLimits;
}

export interface ExportCommand {
  command: "export";
  parquetPath: string;
  names: string[];
  exportPath: string;
  temporaryFolder: string;
  limits: IngestLimits;
}

export type Command = IngestCommand | RowsCommand | CellCommand | ExportCommand;

export interface ShownCell {
  contentType: "image/png" | "audio/wav";
  bytes: Uint8Array;
}

export interface IngestedDataset {
  format: DatasetFormat;
  reading: DatasetReading;
  rows: number;
  /** The typed table: column i of `columns` is called "c<i>" in the file, so that no name can clash or need quoting. */
  parquetPath: string;
  sizeBytes: number;
  columns: ColumnSchema[];
  /** Warnings only: errors refuse the data. At most 100; `problemCount` has the total. */
  problems: DatasetProblem[];
  problemCount: number;
  suggestedTarget: string | null;
  /** From the JSON envelope {"name", "rows"}. */
  name: string | null;
}

export type Answer =
  | { kind: "ingested"; dataset: IngestedDataset }
  | { kind: "rows"; rows: Record<string, Cell>[] }
  | { kind: "cell"; cell: ShownCell | null }
  | { kind: "exported" }
  | { kind: "refused"; message: string; problems: DatasetProblem[]; problemCount: number; faults: Fault[] }
  /** The process met a limit or a defect; `code` is an ErrorCode. */
  | {
      kind: "failed";
      code: "invalid_dataset" | "storage_full" | "internal";
      message: string;
      hint: string;
      /** Of a defect: the stack, for the log alone. */
      stack?: string;
    };
