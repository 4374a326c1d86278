// A number: one input, scaled. A missing one becomes the mean (or median, or a given number) of the training rows.
import { isMissing, numberIn } from "../cell.ts";
import { numericColumn } from "../table.ts";
import type { FeatureEncoder } from "./encoder.ts";
import { fitScaling, meanOf, medianOf, scaled } from "./scaling.ts";
import type { Scaling } from "./scaling.ts";

export interface NumberState extends Scaling {
  kind: "number";
  name: string;
  type: "number" | "integer";
  /** stands for a missing value, in the column's own units */
  missing: number;
  example: number;
}

export const numberEncoder: FeatureEncoder<NumberState> = {
  fit(column, trainingRows, { scale, missing }) {
    const { name, type, values } = numericColumn(column);
    const present = presentValues(values, trainingRows);
    const substitute = missing === "mean" ? meanOf(present) : missing === "median" ? medianOf(present) : missing;
    return {
      kind: "number",
      name,
      type: type === "integer" ? "integer" : "number",
      ...fitScaling(present, scale),
      missing: substitute,
      example: present.length === 0 ? 0 : present[0],
    };
  },

  width: () => 1,

  encode(state, column, rows, into, offset, stride) {
    const { values } = numericColumn(column);
    for (let i = 0; i < rows.length; i++) {
      const value = values[rows[i]];
      into[i * stride + offset] = scaled(Number.isNaN(value) ? state.missing : value, state);
    }
  },

  encodeValue(state, value, into, start) {
    const number = value === null ? state.missing : numberOf(value, state.missing);
    if (number === undefined)
      return { code: "not_a_number", expected: "a number", hint: "Send a number, or null if it is not known." };
    into[start] = scaled(number, state);
    // Also after scaling and rounding: 1e300 is finite, but not as float32.
    if (Number.isFinite(number) && Number.isFinite(into[start])) return undefined;
    return {
      code: "non_finite",
      expected: "a finite number of ordinary size",
      hint: "Send a number within the range seen in training.",
    };
  },

  describe: ({ name, type, example, centre, spread }) => ({
    name,
    type,
    required: true,
    nullable: true,
    scaling: { centre, spread },
    example,
  }),
};

/** The number a JSON value or a text means; texts that mean "missing" in a dataset mean it here. */
function numberOf(value: unknown, missing: number): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value !== "string") return undefined;
  return isMissing(value) ? missing : numberIn(value);
}

/** The values of the given rows that are not missing. */
export function presentValues(values: Float64Array, rows: Int32Array): Float64Array {
  return Float64Array.from(rows, (row) => values[row]).filter((value) => !Number.isNaN(value));
}
