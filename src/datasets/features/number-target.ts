// The targets of a regression: one output each, scaled for training and scaled back for people.
import { columnOf, numericColumn } from "../table.ts";
import type { Table } from "../table.ts";
import type { Matrix } from "./encoder.ts";
import { presentValues } from "./number.ts";
import { fitScaling, scaled, unscaled } from "./scaling.ts";
import type { ScaleChoice, Scaling } from "./scaling.ts";

export interface NumberTarget {
  kind: "number";
  names: string[];
  /** one per name */
  scalings: Scaling[];
}

/** Scalings fitted on the training rows, whose missing values do not count. */
export function fitNumbers(
  table: Table,
  names: readonly string[],
  trainingRows: Int32Array,
  scale: ScaleChoice = "auto",
): NumberTarget {
  const scalings = names.map((name) =>
    fitScaling(presentValues(numericColumn(columnOf(table, name)).values, trainingRows), scale),
  );
  return { kind: "number", names: [...names], scalings };
}

/** Matrix (rows.length, names.length), row-major, scaled. `rows` must have values (see rowsWithTarget). */
export function encodeNumbers(
  target: NumberTarget,
  table: Table,
  rows: Int32Array,
  precision: "float32" | "float64",
): Matrix {
  const width = target.names.length;
  const matrix =
    precision === "float32" ? new Float32Array(rows.length * width) : new Float64Array(rows.length * width);
  target.names.forEach((name, position) => {
    const { values } = numericColumn(columnOf(table, name));
    for (let i = 0; i < rows.length; i++)
      matrix[i * width + position] = scaled(values[rows[i]], target.scalings[position]);
  });
  return matrix;
}

/** One network output in the units of the target at `position`. */
export function decodeNumber(target: NumberTarget, position: number, output: number): number {
  return unscaled(output, target.scalings[position]);
}
