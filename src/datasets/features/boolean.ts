// A truth value: one input, 0 or 1. A missing one becomes 0.5: as far from true as from false.
import { booleanIn, isMissing, trimCell } from "../cell.ts";
import { numericColumn } from "../table.ts";
import type { FeatureEncoder } from "./encoder.ts";

export interface BooleanState {
  kind: "boolean";
  name: string;
}

const unknown = 0.5;

export const booleanEncoder: FeatureEncoder<BooleanState> = {
  fit: ({ name }) => ({ kind: "boolean", name }),

  width: () => 1,

  encode(_state, column, rows, into, offset, stride) {
    const { values } = numericColumn(column);
    for (let i = 0; i < rows.length; i++) {
      const value = values[rows[i]];
      into[i * stride + offset] = Number.isNaN(value) ? unknown : value;
    }
  },

  encodeValue(_state, value, into, start) {
    const encoded = encodedTruth(value);
    if (encoded === undefined)
      return {
        code: "not_a_boolean",
        expected: "true or false",
        hint: "Send true or false, or null if it is not known.",
      };
    into[start] = encoded;
    return undefined;
  },

  describe: ({ name }) => ({ name, type: "boolean", required: true, nullable: true, example: true }),
};

function encodedTruth(value: unknown): number | undefined {
  if (value === null) return unknown;
  if (typeof value === "boolean") return Number(value);
  if (value === 0 || value === 1) return value;
  if (typeof value !== "string") return undefined;
  if (isMissing(value)) return unknown;
  const trimmed = trimCell(value);
  if (trimmed === "0" || trimmed === "1") return Number(trimmed);
  const truth = booleanIn(value);
  return truth === undefined ? undefined : Number(truth);
}
