// A number: one input, scaled. A missing one becomes the mean (or median, or a given number) of the training rows; with
// an indicator a second input says that it was missing.
import { isMissing, numberIn } from "../cell.ts";
import { numericColumn } from "../table.ts";
import type { FeatureEncoder } from "./encoder.ts";
import { fitQuantiles, normalDeviate, rankOf } from "./quantiles.ts";
import { fitScaling, meanOf, medianOf, scaled } from "./scaling.ts";
import type { Scaling } from "./scaling.ts";

export interface NumberState extends Scaling {
  kind: "number";
  name: string;
  type: "number" | "integer";
  /** stands for a missing value, in the column's own units */
  missing: number;
  example: number;
  /** Only with ranks instead of a scaling. */
  ranks?: { spread: "normal" | "uniform"; quantiles: number[] };
  /** Present: a second input is 1 where the value is missing. */
  indicator?: true;
}

export const numberEncoder: FeatureEncoder<NumberState> = {
  fit(column, trainingRows, { scale = "auto", missing = "mean", indicator = false }) {
    const { name, type, values } = numericColumn(column);
    const present = presentValues(values, trainingRows);
    const substitute = missing === "mean" ? meanOf(present) : missing === "median" ? medianOf(present) : missing;
    const spread = scale === "quantile_normal" ? "normal" : scale === "quantile_uniform" ? "uniform" : undefined;
    return {
      kind: "number",
      name,
      type: type === "integer" ? "integer" : "number",
      ...fitScaling(present, scale === "quantile_normal" || scale === "quantile_uniform" ? "none" : scale),
      missing: substitute,
      example: present.length === 0 ? 0 : present[0],
      ...(spread !== undefined && { ranks: { spread, quantiles: fitQuantiles(present) } }),
      ...(indicator && { indicator }),
    };
  },

  width: ({ indicator }) => (indicator === true ? 2 : 1),

  encode(state, column, rows, into, offset, stride) {
    const { values } = numericColumn(column);
    const { missing, ranks, indicator } = state;
    const scaling = { centre: state.centre, spread: state.spread };
    for (let i = 0; i < rows.length; i++) {
      const value = values[rows[i]];
      const number = Number.isNaN(value) ? missing : value;
      into[i * stride + offset] = ranks === undefined ? scaled(number, scaling) : ranked(number, ranks);
    }
    if (indicator !== true) return;
    for (let i = 0; i < rows.length; i++) into[i * stride + offset + 1] = Number.isNaN(values[rows[i]]) ? 1 : 0;
  },

  encodeValue(state, value, into, start) {
    const given = value === null ? NaN : numberOf(value);
    if (given === undefined)
      return { code: "not_a_number", expected: "a number", hint: "Send a number, or null if it is not known." };
    const isGiven = !Number.isNaN(given);
    const number = isGiven ? given : state.missing;
    into[start] = state.ranks === undefined ? scaled(number, state) : ranked(number, state.ranks);
    if (state.indicator === true) into[start + 1] = isGiven ? 0 : 1;
    // Also after scaling and rounding: 1e300 is finite, but not as float32. NaN itself is no JSON, and no missing value.
    if (Number.isFinite(number) && Number.isFinite(into[start]) && !Number.isNaN(value)) return undefined;
    return {
      code: "non_finite",
      expected: "a finite number of ordinary size",
      hint: "Send a number within the range seen in training.",
    };
  },

  describe: ({ name, type, example, centre, spread, ranks }) => ({
    name,
    type,
    required: true,
    nullable: true,
    ...(ranks === undefined && { scaling: { centre, spread } }),
    example,
  }),
};

function ranked(value: number, { spread, quantiles }: NonNullable<NumberState["ranks"]>): number {
  const rank = rankOf(value, quantiles);
  return spread === "uniform" ? rank : normalDeviate(rank);
}

/** The number a JSON value or a text means, NaN for texts that mean "missing" in a dataset. */
function numberOf(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value !== "string") return undefined;
  return isMissing(value) ? NaN : numberIn(value);
}

/** The values of the given rows that are not missing. */
export function presentValues(values: Float64Array, rows: Int32Array): Float64Array {
  const present = new Float64Array(rows.length);
  let count = 0;
  for (let i = 0; i < rows.length; i++) {
    const value = values[rows[i]];
    if (!Number.isNaN(value)) present[count++] = value;
  }
  return present.subarray(0, count);
}
