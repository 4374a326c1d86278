// Which trainings are tiny: the step of a network of vectors and dense layers, sorted into what quads compute, clipping
// and the updates of one optimizer. Everything else (dropout, more parameters or data) takes the ordinary way.
import { isTensor, rowsEachOf } from "../../../operations.ts";
import type { Operation, OperationOf } from "../../../operations.ts";
import type { Tensor } from "../../../tensor.ts";
import type { EpochShape } from "../../kernels.ts";
import { f32 } from "../../wasm/instructions.ts";
import { isUpdate, updateOf } from "../optimizers.ts";
import type { Update, UpdateKind } from "../optimizers.ts";
import { isQuadOperation } from "./quad-operations.ts";
import type { QuadOperation } from "./quad-operations.ts";
import { MOST_SHUFFLED_ROWS } from "./shuffle.ts";

/** Beyond, calls of kernels are no longer what a step costs. */
const MOST_PARAMETERS = 1000;
/** The loop has its own copy of the data. */
const MOST_DATA_BYTES = 2 ** 26;

type Clipping = OperationOf<"clip_norm" | "clip_value">;

export interface TinyStep {
  readonly operations: readonly QuadOperation[];
  /** Of each parameter. */
  readonly gradients: readonly Tensor[];
  readonly clipping: Clipping | undefined;
  /** One for each parameter, in their order; they differ in tensors only. */
  readonly updates: readonly OperationOf<UpdateKind>[];
  /** The optimizer's state of each parameter. */
  readonly state: readonly Update["state"][];
}

/** Floats from one row of the data to the next: inputs and targets, in whole vectors. */
export function rowFloats({ input, t }: EpochShape): number {
  return 4 * Math.ceil((input.rowSize + t.rowSize) / 4);
}

export function recogniseTinyStep(training: EpochShape): TinyStep | null {
  const { step, parameters, rows } = training;
  const elements = parameters.reduce((count, { value }) => count + value.rowSize, 0);
  const dataBytes = 4 * rowFloats(training) * rows;
  if (elements > MOST_PARAMETERS || dataBytes > MOST_DATA_BYTES || rows >= MOST_SHUFFLED_ROWS) return null;

  // A slice begins within its storage, whose columns are one vector each.
  if (step.some((operation) => Object.values(operation).some(isSlice))) return null;
  if (step.some((operation) => rowsEachOf(operation) > 1)) return null;

  const gradients = parameters.flatMap(({ gradient }) => gradient ?? []);
  if (gradients.length === 0 || gradients.length < parameters.length) return null;
  const values = new Set(parameters.map(({ value }) => value));
  const operations = step.filter((operation) => isQuadOperation(operation, values));
  const clipping = step.filter(isClipping);
  const updates = step.filter(isUpdate);
  const cleared = step.filter(({ kind }) => kind === "clear");
  if (operations.length + clipping.length + updates.length + cleared.length < step.length) return null;

  const described = updates.map((update) => updateOf(update, () => f32.const(0)));
  const alike = described.every(({ key }) => key === described[0].key);
  const inOrder =
    updates.length === parameters.length && updates.every((update, i) => update.parameter === parameters[i].value);
  if (!alike || !inOrder || clipping.length > 1) return null;
  return { operations, gradients, clipping: clipping[0], updates, state: described.map(({ state }) => state) };
}

function isClipping(operation: Operation): operation is Clipping {
  return operation.kind === "clip_norm" || operation.kind === "clip_value";
}

function isSlice(value: unknown): boolean {
  return isTensor(value) && value.start !== 0;
}
