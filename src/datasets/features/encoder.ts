// What a feature encoder is: fitted on training rows only, stored with the model version, the same for rows and instances.
import type { z } from "zod";
import type { FeatureOptions } from "../../contract/feature.ts";
import type { modelInput } from "../../contract/model.ts";
import type { TableColumn } from "../table.ts";

/** One entry of the list of inputs that a model version shows. */
export type InputDescription = z.output<typeof modelInput>;

export type Matrix = Float32Array | Float64Array;

/** Why a value cannot be encoded: what was got, what was expected, what to do. */
export interface Refusal {
  code:
    | "not_a_number"
    | "non_finite"
    | "not_a_boolean"
    | "not_a_category"
    | "not_a_datetime"
    | "not_a_text"
    | "not_an_image"
    | "not_a_sound"
    | "not_a_sequence"
    | "missing_value";
  expected: string;
  hint: string;
  /** JSON Pointer below the value, for values with parts. */
  pointer?: string;
  /** What was got, where the value as a whole would not say it. */
  got?: string;
}

/** `State` is plain JSON. Values are written to `into[start … start + width(state) - 1]`. */
export interface FeatureEncoder<State> {
  fit(column: TableColumn, trainingRows: Int32Array, options: FeatureOptions): State;
  /** How many network inputs the feature takes. */
  width(state: State): number;
  /** Of one row, for a feature that must stand alone: [height, width, channels], [steps, channels], [tokens]. */
  shape?(state: State): number[];
  /** Encodes `rows` of a column into a row-major matrix whose rows are `stride` long, from column `offset` on. */
  encode(state: State, column: TableColumn, rows: Int32Array, into: Matrix, offset: number, stride: number): void;
  /** Encodes one value as JSON, a form or a CSV cell gives it; gives a refusal when it cannot. */
  encodeValue(state: State, value: unknown, into: Matrix, start: number): Refusal | undefined;
  describe(state: State): InputDescription;
}
