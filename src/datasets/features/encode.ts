// Rows of a table, or instances of a prediction, as the matrix that the network takes.
import type { FieldPolicy } from "../../contract/field-policy.ts";
import { suggestName } from "../../contract/strict-object.ts";
import { DomainError, jsonPointer } from "../../errors.ts";
import type { Fault } from "../../errors.ts";
import { trimCell, withDecimalPoint } from "../cell.ts";
import { columnOf } from "../table.ts";
import type { Table } from "../table.ts";
import { encoderFor, encoderOf } from "./catalogue.ts";
import type { EncoderState } from "./catalogue.ts";
import type { InputDescription, Matrix, Refusal } from "./encoder.ts";
import type { FeatureSpec } from "./feature-spec.ts";

/** Fitted encoders: plain JSON, stored with the model version. */
export interface FittedFeatures {
  /** of one row: [width], or the shape of the one feature that stands alone, such as [height, width, channels] */
  inputShape: number[];
  /** elements of one row of the dataset: the product of inputShape, but for windows */
  width: number;
  encoders: EncoderState[];
  /** Other columns of the dataset: instances may carry them, they are ignored. */
  ignored: string[];
  /** Of a network over successive rows: an instance is the last `length` of them. */
  window?: { length: number; horizon: number };
  /** How texts of the dataset were read: texts of an instance are read alike. */
  reading?: CellReading;
  /** For instances of a prediction, where the call does not say otherwise. */
  policy?: FieldPolicy;
}

/** What a dataset means by a text, where it is not the usual. */
export interface CellReading {
  /** spellings of a missing value, beside the usual ones */
  missing?: readonly string[] | undefined;
  /** the decimal mark of numbers */
  decimal?: "." | "," | undefined;
}

export type Precision = "float32" | "float64";

const faultsKept = 100;
const blockElements = 32_768;

/** Fits one encoder per feature on the training rows. What has a shape stands alone (see select-features.ts). */
export function fitFeatures(
  table: Table,
  specs: readonly FeatureSpec[],
  trainingRows: Int32Array,
  otherColumns: readonly string[] = [],
): FittedFeatures {
  const encoders = specs.map((spec) => encoderFor(spec).fit(columnOf(table, spec.name), trainingRows, spec));
  const width = encoders.reduce((sum, state) => sum + encoderOf(state.kind).width(state), 0);
  const shape = encoders.map((state) => encoderOf(state.kind).shape?.(state)).find((one) => one !== undefined);
  if (shape !== undefined && encoders.length > 1) throw new Error("A feature with a shape must be the only one.");
  const named = new Set(specs.map(({ name }) => name));
  const ignored = [...new Set([...table.columns.map(({ name }) => name), ...otherColumns])].filter(
    (name) => !named.has(name),
  );
  return { inputShape: shape ?? [width], width, encoders, ignored };
}

/** Different token numbers that a row may have; nothing unless it is a sequence of tokens of a vocabulary of our own. */
export function vocabularyOf({ encoders }: FittedFeatures): number | undefined {
  const [state] = encoders;
  return state?.kind === "tokens" && state.encoding !== "tokenizer" ? state.tokens.length : undefined;
}

/** Matrix (rows.length, width), row-major. Throws "invalid_dataset" when a value does not fit the precision. */
export function encodeRows<P extends Precision>(
  fitted: FittedFeatures,
  table: Table,
  rows: Int32Array,
  precision: P,
): MatrixOf<P> {
  const { width, encoders } = fitted;
  const matrix = emptyMatrix(rows.length * width, precision);
  // Some rows at a time: what one column writes is still in the cache when the next one writes beside it.
  const blockRows = Math.max(16, Math.floor(blockElements / Math.max(1, width)));
  const columns = encoders.map(({ name }) => columnOf(table, name));
  for (let start = 0; start < rows.length; start += blockRows) {
    const block = rows.subarray(start, start + blockRows);
    const into = matrix.subarray(start * width, (start + block.length) * width) as Matrix;
    let offset = 0;
    encoders.forEach((state, index) => {
      const encoder = encoderOf(state.kind);
      encoder.encode(state, columns[index], block, into, offset, width);
      offset += encoder.width(state);
    });
  }
  const at = firstNonFinite(matrix);
  if (at >= 0) throw tooLarge(fitted, rows[Math.floor(at / width)], at % width, precision);
  return matrix;
}

/** Position of the first element that is no finite number, -1 when there is none. */
function firstNonFinite(matrix: Matrix): number {
  for (let i = 0; i < matrix.length; i++) if (!Number.isFinite(matrix[i])) return i;
  return -1;
}

/**
 * Matrix (instances.length, width), row-major. An instance is an object by feature name, an array in feature order, or the
 * bare value of a single feature. Throws "invalid_instance" with every fault found (at most 100), pointing at
 * /instances/<index>/<field>.
 */
export function encodeInstances<P extends Precision>(
  fitted: FittedFeatures,
  instances: readonly unknown[],
  precision: P,
  asked: FieldPolicy = {},
): MatrixOf<P> {
  const policy = { ...fitted.policy, ...asked };
  const matrix = emptyMatrix(instances.length * fitted.width, precision);
  const faults: Fault[] = [];
  for (let index = 0; index < instances.length && faults.length < faultsKept; index++) {
    const values = valuesOf(fitted, instances[index], `/instances/${index}`, policy, faults);
    if (values !== undefined) encodeInstance(fitted, values, matrix, index, faults);
  }
  if (faults.length === 0) return matrix;
  const message =
    faults.length === 1
      ? faults[0].detail
      : `The instances have ${faults.length >= faultsKept ? "at least " : ""}${faults.length} faults.`;
  throw new DomainError("invalid_instance", message, { faults: faults.slice(0, faultsKept) });
}

/** The inputs a model version shows, in feature order. */
export function describeFeatures(fitted: FittedFeatures): InputDescription[] {
  return fitted.encoders.map((state) => encoderOf(state.kind).describe(state));
}

type MatrixOf<P extends Precision> = P extends "float32" ? Float32Array<ArrayBuffer> : Float64Array<ArrayBuffer>;

function emptyMatrix<P extends Precision>(length: number, precision: P): MatrixOf<P> {
  return (precision === "float32" ? new Float32Array(length) : new Float64Array(length)) as MatrixOf<P>;
}

const missing = Symbol("missing field");

/** Features whose single value is an array of more than one element. */
const arrayKinds: readonly EncoderState["kind"][] = ["image", "audio", "sequence"];
const isListed = (state: EncoderState) => state.kind === "tokens" && state.encoding === "item_ids";

/** One value per feature, `missing` where there is none; nothing when the instance as a whole is unusable. */
function valuesOf(
  fitted: FittedFeatures,
  instance: unknown,
  pointer: string,
  policy: FieldPolicy,
  faults: Fault[],
): { value: unknown; pointer: string }[] | undefined {
  const { encoders } = fitted;
  if (typeof instance === "object" && instance !== null && !Array.isArray(instance)) {
    if (policy.extra_fields !== "ignore") addUnknownFields(fitted, instance, pointer, faults);
    const absent = policy.missing_fields === "impute" ? null : missing;
    return encoders.map(({ name }) => ({
      value: Object.hasOwn(instance, name) ? (instance as Record<string, unknown>)[name] : absent,
      pointer: `${pointer}${jsonPointer([name])}`,
    }));
  }
  const single = encoders.length === 1 ? encoders[0] : undefined;
  // [v] is the feature order form; an image, a sound or a sequence is itself an array, of more than one element.
  const isArray = single !== undefined && (arrayKinds.includes(single.kind) || isListed(single));
  if (Array.isArray(instance) && (!isArray || instance.length === 1)) {
    if (instance.length === encoders.length)
      return instance.map((value: unknown, at) => ({ value, pointer: `${pointer}/${at}` }));
    const names = encoders.map(({ name }) => name).join(", ");
    faults.push({
      pointer,
      code: "wrong_length",
      detail: `The instance has ${instance.length} values, expected ${encoders.length}.`,
      hint: `Send the features in this order: ${names.length > 300 ? `${names.slice(0, 300)}…` : names}; or an object by name.`,
    });
    return undefined;
  }
  if (single !== undefined) return [{ value: instance, pointer }];
  faults.push({
    pointer,
    code: "invalid_type",
    detail: `The instance is ${show(instance)}, expected an object or an array.`,
    hint: "Send an object by feature name, or an array in feature order.",
  });
  return undefined;
}

function addUnknownFields(
  { encoders, ignored }: FittedFeatures,
  instance: object,
  pointer: string,
  faults: Fault[],
): void {
  const names = encoders.map(({ name }) => name);
  const known = new Set([...names, ...ignored]);
  for (const field of Object.keys(instance)) {
    if (known.has(field)) continue;
    faults.push({
      pointer: `${pointer}${jsonPointer([field])}`,
      code: "unknown_field",
      detail: `The model has no feature "${field}".`,
      hint: suggestName(field, names),
    });
  }
}

function encodeInstance(
  { encoders, width, reading }: FittedFeatures,
  values: readonly { value: unknown; pointer: string }[],
  into: Matrix,
  index: number,
  faults: Fault[],
): void {
  let start = index * width;
  encoders.forEach((state, at) => {
    const { value: given, pointer } = values[at];
    const value = typeof given === "string" ? readText(given, state, reading) : given;
    const encoder = encoderOf(state.kind);
    if (value === missing) {
      const nullable = encoder.describe(state).nullable;
      const hint = nullable ? 'Add it; send null if the value is not known, or "missing_fields": "impute".' : "Add it.";
      faults.push({ pointer, code: "missing_field", detail: `The feature "${state.name}" is missing.`, hint });
    } else {
      const refusal = encoder.encodeValue(state, value, into, start);
      if (refusal !== undefined) faults.push(faultOf(state.name, value, pointer, refusal));
    }
    start += encoder.width(state);
  });
}

/** A text of an instance, as a cell of the dataset with this text was read. */
function readText(text: string, { kind }: EncoderState, { missing: spellings = [], decimal }: CellReading = {}) {
  if (spellings.includes(trimCell(text))) return null;
  return kind === "number" && decimal === "," ? withDecimalPoint(text) : text;
}

function faultOf(
  name: string,
  value: unknown,
  pointer: string,
  { code, expected, hint, got, pointer: below = "" }: Refusal,
): Fault {
  return { pointer: pointer + below, code, detail: `"${name}" is ${got ?? show(value)}, expected ${expected}.`, hint };
}

/** A value as a sentence shows it. */
function show(value: unknown): string {
  if (Array.isArray(value)) return `an array of ${value.length} elements`;
  if (typeof value === "object" && value !== null) return "an object";
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

function tooLarge({ encoders }: FittedFeatures, row: number, position: number, precision: Precision): DomainError {
  let end = 0;
  const state = encoders.find((candidate) => (end += encoderOf(candidate.kind).width(candidate)) > position)!;
  return new DomainError("invalid_dataset", `Row ${row + 1} of column "${state.name}" is too large for ${precision}.`, {
    hint: 'Scale the feature ("scale": "standard"), or train with "precision": "float64".',
  });
}
