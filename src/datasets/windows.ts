// Windows over rows in the order of time: `length` rows are the input, the `horizon` rows after them hold the targets.
import type { Split } from "./splits.ts";
import { orderedRows, type SplitChoice, splitTable } from "./split-table.ts";
import { columnOf, type Table } from "./table.ts";

export interface WindowChoice {
  /** rows of the input */
  length: number;
  /** rows that are predicted, right after the input */
  horizon: number;
  /** rows from one window to the next */
  stride: number;
}

/** Windows in `rows` successive rows. */
export function windowCount(rows: number, { length, horizon, stride }: WindowChoice): number {
  return Math.max(0, Math.floor((rows - length - horizon) / stride) + 1);
}

/**
 * All rows in order, divided into successive parts: the earliest train, the last test. By the time column when there is one,
 * else as they stand in the dataset.
 */
export function successiveRows(choice: SplitChoice, table: Table): Split {
  const all = Int32Array.from({ length: table.rows }, (_, row) => row);
  const ordered = choice.time === undefined ? all : orderedRows(columnOf(table, choice.time), all);
  // Positions in this order are split as if they were times.
  const positions = splitTable(
    { ...choice, time: "position" },
    { rows: all.length, columns: [{ name: "position", type: "number", values: Float64Array.from(all) }] },
    all,
  );
  const rowsAt = (part: Int32Array) => part.map((position) => ordered[position]);
  return { train: rowsAt(positions.train), validation: rowsAt(positions.validation), test: rowsAt(positions.test) };
}

/** Positions in `rows` at which a window begins, those left out whose targets are not all there. */
export function windowStarts(
  table: Table,
  rows: Int32Array,
  choice: WindowChoice,
  targets: readonly string[],
): Int32Array {
  const columns = targets.map((name) => columnOf(table, name));
  const isThere = (row: number) =>
    columns.every((column) => !("values" in column) || !Number.isNaN(column.values[row]));
  const starts = Int32Array.from({ length: windowCount(rows.length, choice) }, (_, i) => i * choice.stride);
  return starts.filter((start) => {
    const first = start + choice.length;
    return rows.subarray(first, first + choice.horizon).every(isThere);
  });
}

/** From a matrix of rows (rows, width) those of each window, (starts, count · width): `count` rows from `start + skip` on. */
export function gatherWindows(
  matrix: Float32Array | Float64Array,
  width: number,
  starts: Int32Array,
  { skip, count }: { skip: number; count: number },
): Float32Array | Float64Array {
  const size = count * width;
  const length = starts.length * size;
  const windows = matrix instanceof Float32Array ? new Float32Array(length) : new Float64Array(length);
  starts.forEach((start, i) => {
    const from = (start + skip) * width;
    windows.set(matrix.subarray(from, from + size), i * size);
  });
  return windows;
}
