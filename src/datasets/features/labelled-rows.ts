// Rows that can train: those whose targets all have a value.
import { columnOf } from "../table.ts";
import type { Table } from "../table.ts";

/** Row numbers (from 0), ascending, in which none of the target columns is missing. */
export function rowsWithTarget(table: Table, targets: readonly string[]): Int32Array {
  const columns = targets.map((name) => columnOf(table, name));
  const present = (row: number) =>
    columns.every((column) =>
      "codes" in column ? column.codes[row] >= 0 : !("values" in column) || !Number.isNaN(column.values[row]),
    );
  return Int32Array.from({ length: table.rows }, (_, row) => row).filter(present);
}
