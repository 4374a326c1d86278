// What every reader hands on: where DuckDB finds the cells, still as text, and what the columns are called.
import type { DuckDBConnection } from "@duckdb/node-api";
import type { DatasetFormat, DatasetOptions, DatasetReading } from "../../contract/dataset.ts";
import type { Fault } from "../../errors.ts";
import type { ProblemList } from "../problems.ts";
import type { MediaFile } from "./contents.ts";
import type { LikelyType } from "./likely-types.ts";
import type { PlainFile } from "./plain-file.ts";

/** What the schema says of a column whose cells are no text. */
export type MediaColumn =
  /** [height, width, channels], pixels row by row, 0 to 255 */
  | { type: "image"; shape: [number, number, number] }
  /** mono PCM, 16 bit, little-endian */
  | { type: "audio"; sample_rate: number }
  /** [length, channels], length 0 when it varies from row to row */
  | { type: "sequence"; shape: [number, number] };

export interface RawTable {
  /** What stands after FROM: gives columns c0, c1, … of type VARCHAR, one row per data row, in their order. */
  source: string;
  /**
   * Types that columns have as far as they were seen; and the same as `source` with those of numbers as DOUBLE, the given
   * spellings as NULL. `notNumbers` tells afterwards which were none.
   */
  likelyTypes?: ReadonlyMap<number, LikelyType>;
  sourceWith?: (numbers: ReadonlySet<number>, missing: readonly string[]) => string;
  notNumbers?: () => Promise<number[]>;
  names: string[];
  /** Columns that come as what they are: images and sounds as BLOB, sequences as DOUBLE[]. Not cleaned, not inferred. */
  media: Map<number, MediaColumn>;
  /** Columns whose present cells were all JSON strings: numbers among them deserve a warning. */
  stringColumns: Set<number>;
  /** Lines (from 1) in which the rows (from 1) start; absent when the format has no lines. */
  linesOf?: (rows: readonly number[]) => Map<number, number>;
  /** Structural faults that only show while the cells are read. */
  afterReading?: () => Promise<void>;
  /** Columns that count rows, whatever their values: they are id-like. */
  indexColumns?: ReadonlySet<number>;
  /** How the file was understood. */
  reading?: Omit<DatasetReading, "files">;
  /** Which of several files a row (from 1) is in. */
  fileOf?: (row: number) => string;
  /** From the JSON envelope. */
  name?: string;
  options?: DatasetOptions;
}

export interface ReadRequest {
  connection: DuckDBConnection;
  files: PlainFile[];
  /** Pictures or sounds; `files` is then the table that came with them, if any. */
  media: MediaFile[];
  /** Name that no other reader of this upload gives its tables. */
  table: string;
  /** Of anything unpacked or decoded, all together. */
  maximumBytes: number;
  format: DatasetFormat;
  options: DatasetOptions;
  /** For copies that a reader needs; removed with the process. */
  temporaryFolder: string;
  problems: ProblemList;
  /** Faults of the options (not of the data) go here. */
  faults: Fault[];
}

/** Gives nothing when there are problems of severity error. */
export type Reader = (request: ReadRequest) => Promise<RawTable | undefined>;

export const maximumColumns = 10_000;
const maximumNameLength = 256;

/** Adds a problem for every name that is empty, too long or not unique. `line` is where they stand, if anywhere. */
export function checkNames(names: readonly string[], line: number | null, problems: ProblemList): void {
  if (names.length === 0) problems.add("no_columns");
  if (names.length > maximumColumns) {
    problems.add("too_many_columns", { line }, maximumColumns.toLocaleString("en"));
    return;
  }
  const seen = new Set<string>();
  names.forEach((name, index) => {
    if (name === "") problems.add("empty_column_name", { line }, index + 1);
    else if (seen.has(name)) problems.add("duplicate_column_name", { line, column: name });
    if (name.length > maximumNameLength) problems.add("long_column_name", { line }, index + 1);
    seen.add(name);
  });
}
