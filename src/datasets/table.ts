// The columnar table in memory on which every later step works: splitting, feature encoding, evaluation.
import type { ColumnType } from "../contract/dataset.ts";

/** Numbers: NaN is missing. Booleans are 0 and 1, datetimes are milliseconds since 1970-01-01 UTC. */
export interface NumericColumn {
  name: string;
  type: "number" | "integer" | "boolean" | "datetime";
  /** shape (rows) */
  values: Float64Array;
}

/** Words: `dictionary[codes[row]]`; code -1 is missing. The dictionary is sorted by code point. */
export interface TextColumn {
  name: string;
  type: "category" | "text";
  /** shape (rows) */
  codes: Int32Array;
  dictionary: string[];
}

/** Images of one size, one after the other. */
export interface ImageColumn {
  name: string;
  type: "image";
  /** [height, width, channels] */
  shape: [number, number, number];
  /** shape (rows · height · width · channels), 0 to 255 */
  pixels: Uint8Array;
}

/** Sounds, one after the other: row r is `samples[starts[r]]` up to `samples[starts[r + 1]]`, exclusive. */
export interface AudioColumn {
  name: string;
  type: "audio";
  /** Hz */
  sampleRate: number;
  /** mono, -32768 to 32767 */
  samples: Int16Array;
  /** shape (rows + 1); an empty stretch is a missing sound */
  starts: Float64Array;
}

/** Lists of numbers, one after the other: row r is `elements[starts[r]]` up to `elements[starts[r + 1]]`, exclusive. */
export interface SequenceColumn {
  name: string;
  type: "sequence";
  /** [length, channels]; length 0 when it varies. A row has length · channels elements, step by step. */
  shape: [number, number];
  elements: Float64Array;
  /** shape (rows + 1); an empty stretch is a missing sequence */
  starts: Float64Array;
}

export type TableColumn = NumericColumn | TextColumn | ImageColumn | AudioColumn | SequenceColumn;

export interface Table {
  rows: number;
  columns: TableColumn[];
}

/** The memory of a table, for handing it to another thread without a copy. */
export function buffersOf(table: Table): ArrayBuffer[] {
  return table.columns.flatMap((column) =>
    Object.values(column as unknown as Record<string, unknown>).flatMap((value) =>
      ArrayBuffer.isView(value) ? [value.buffer as ArrayBuffer] : [],
    ),
  );
}

/** The column called `name`. Throws when the table has none: callers check names against the schema before. */
export function columnOf(table: Table, name: string): TableColumn {
  const column = table.columns.find((candidate) => candidate.name === name);
  if (column === undefined) throw new Error(`The table has no column "${name}".`);
  return column;
}

/** A column of the wanted kind. Throws (a programming error) when it is of another kind. */
export function numericColumn(column: TableColumn): NumericColumn {
  if ("values" in column) return column;
  throw new Error(`Column "${column.name}" holds ${column.type}, not numbers.`);
}

/** The type of a column as a sentence needs it: "a number", "an integer". */
export function withArticle(type: ColumnType): string {
  return /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`;
}
