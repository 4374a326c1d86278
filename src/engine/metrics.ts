// Loss and metrics of the rows seen so far, as float64 sums that can be captured and restored.
// accuracy   share of rows predicted right: the largest output for softmax and for class indices, otherwise every
//            output on the right side of 0.5; of sequences, the share of steps
// mae        (1/n)·Σ_j scale_j · (1/R)·Σ_R |y_j − t_j|         scale_j turns standardised targets back into their unit
// r2         (1/n)·Σ_j 1 − Σ_R (y_j − t_j)² / Σ_R (t_j − t̄_j)²  null where a target never varies
import type { Network } from "./network.ts";
import type { Plan } from "./plan.ts";
import type { Elements } from "./tensor.ts";

export type MetricKind = "accuracy" | "regression";
export type Metrics = { readonly accuracy: number } | { readonly mae: number; readonly r2: number | null };

export interface Tally {
  readonly kind: MetricKind;
  readonly outputs: number;
  readonly scales: readonly number[] | undefined;
  /** [rows, loss, correct rows], then for each output [Σ|e|, Σe², mean of t, Σ(t − mean)²]. */
  readonly sums: Float64Array;
}

/** Where each sum stands; those of an output from COLUMNS + output · PER_COLUMN on. */
export const SUMS = {
  ROWS: 0,
  LOSS: 1,
  CORRECT: 2,
  COLUMNS: 3,
  PER_COLUMN: 4,
  ABSOLUTE: 0,
  SQUARED: 1,
  MEAN: 2,
  SPREAD: 3,
} as const;
const { ROWS, LOSS, CORRECT, COLUMNS, PER_COLUMN, ABSOLUTE, SQUARED, MEAN, SPREAD } = SUMS;

/** When a row is predicted right: its largest output is that of the class index, or that of the targets, or every output
 * is on the right side of 0.5. */
export type CorrectnessRule = "index" | "largest" | "sides";

export function correctnessOf({ objective, outputActivation, output }: Plan): CorrectnessRule {
  if (objective!.definition.targets === "index") return "index";
  const oneOfMany = output.rowSize > 1 && outputActivation !== "sigmoid" && outputActivation !== "threshold";
  return oneOfMany ? "largest" : "sides";
}

const CLASSIFYING: ReadonlySet<string> = new Set(["softmax", "sigmoid", "threshold"]);

/** Accuracy for networks that end in softmax, sigmoid or threshold, regression metrics for all others. */
export function metricOf(plan: Plan): MetricKind {
  return CLASSIFYING.has(plan.outputActivation) ? "accuracy" : "regression";
}

export function createTally(plan: Plan, kind: MetricKind = metricOf(plan), scales?: readonly number[]): Tally {
  const outputs = plan.output.rowSize;
  return { kind, outputs, scales, sums: new Float64Array(COLUMNS + outputs * PER_COLUMN) };
}

export function clearTally({ sums }: Tally): void {
  // A loop: with the few sums of most networks a call of `fill` takes longer.
  for (let i = 0; i < sums.length; i++) sums[i] = 0;
}

/** Adds the batch the network has just computed. */
export function addBatch(tally: Tally, network: Network, rows: number): void {
  const { sums, outputs } = tally;
  for (let row = 0; row < rows; row++) sums[LOSS] += network.losses[row];
  if (tally.kind === "accuracy") sums[CORRECT] += correctRows(network, rows, outputs);
  else for (let row = 0; row < rows; row++) addErrors(sums, sums[ROWS] + row + 1, network, row * outputs, outputs);
  sums[ROWS] += rows;
}

/** False as soon as one row's loss was not a finite number. */
export function isFiniteSoFar({ sums }: Tally): boolean {
  return Number.isFinite(sums[LOSS]);
}

/** True when rows were seen and every one was predicted right. `at` is where the sums begin, here and below. */
export function isErrorless({ kind, sums }: Tally, at = 0): boolean {
  return kind === "accuracy" && sums[at + ROWS] > 0 && sums[at + CORRECT] === sums[at + ROWS];
}

/** The loss over all rows seen, reduced as the network's loss says. */
export function lossOf({ sums }: Tally, plan: Plan, at = 0): number {
  return plan.objective!.definition.reduction === "mean" ? sums[at + LOSS] / sums[at + ROWS] : sums[at + LOSS];
}

export function metricsOf({ kind, sums, outputs, scales }: Tally, at = 0): Metrics {
  const rows = sums[at + ROWS];
  if (kind === "accuracy") return { accuracy: sums[at + CORRECT] / rows };
  let [absolute, explained] = [0, 0];
  for (let j = 0; j < outputs; j++) {
    const column = at + COLUMNS + j * PER_COLUMN;
    absolute += (scales?.[j] ?? 1) * (sums[column + ABSOLUTE] / rows);
    explained += 1 - sums[column + SQUARED] / sums[column + SPREAD];
  }
  return { mae: absolute / outputs, r2: Number.isFinite(explained) ? explained / outputs : null };
}

/** Welford's update (1962) for mean and spread: sums of squares alone would cancel for targets far from zero. */
function addErrors(sums: Float64Array, count: number, network: Network, start: number, outputs: number): void {
  for (let j = 0; j < outputs; j++) {
    const at = COLUMNS + j * PER_COLUMN;
    const target = network.targets[start + j];
    const error = network.outputs[start + j] - target;
    const distance = target - sums[at + MEAN];
    sums[at + ABSOLUTE] += Math.abs(error);
    sums[at + SQUARED] += error * error;
    sums[at + MEAN] += distance / count;
    sums[at + SPREAD] += distance * (target - sums[at + MEAN]);
  }
}

function correctRows(network: Network, rows: number, outputs: number): number {
  const { plan, outputs: y, targets: t } = network;
  if (plan.objective!.correct !== null) return sumOf(network.correct, rows);
  const rule = correctnessOf(plan);
  let correct = 0;
  for (let row = 0; row < rows; row++) {
    const start = row * outputs;
    if (rule === "index") correct += largest(y, start, outputs) === t[row] ? 1 : 0;
    else if (rule === "largest") correct += largest(y, start, outputs) === largest(t, start, outputs) ? 1 : 0;
    else correct += sameSides(y, t, start, outputs) ? 1 : 0;
  }
  return correct;
}

function sumOf(values: Elements, count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += values[i];
  return sum;
}

/** Position of the largest of `count` elements; the first among equals. */
function largest(values: Elements, start: number, count: number): number {
  let best = 0;
  for (let i = 1; i < count; i++) if (values[start + i] > values[start + best]) best = i;
  return best;
}

function sameSides(y: Elements, t: Elements, start: number, count: number): boolean {
  for (let i = start; i < start + count; i++) if (y[i] >= 0.5 !== t[i] >= 0.5) return false;
  return true;
}
