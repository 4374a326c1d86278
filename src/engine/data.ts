// Rows in memory: what training and evaluation read, and how a batch of them gets into a network.
import { EngineError } from "./engine-error.ts";
import { checkLabels } from "./labels.ts";
import type { Network } from "./network.ts";
import type { Elements } from "./tensor.ts";
import { checkTokens } from "./tokens.ts";

export interface TrainingData {
  /** rows × elements of the network's input, row-major. */
  readonly inputs: Elements;
  /** As the network's loss wants them, row-major: rows × 1 class indices (of sequences: rows × steps, −1 in those that do
   * not count), rows × outputs values, or rows × (1 + labels): steps that count, labels, −1 behind them. */
  readonly targets: Elements;
  readonly rows: number;
  /** The weight of each row's loss in training; needed where the network is planned with row weights. */
  readonly weights?: Elements | undefined;
}

/** Throws `invalid_data` unless the data fits the network: sizes, tokens within the vocabulary, and
 * class indices within the outputs. */
export function checkData(network: Network, data: TrainingData, name: string): void {
  const { input, objective } = network.plan;
  if (objective === null) throw new Error("this network was planned without a loss");
  const width = objective.t.rowSize;
  const wrong = (expected: string, got: string): EngineError =>
    new EngineError("invalid_data", { op: `${name} data`, expected, got });

  if (!Number.isInteger(data.rows) || data.rows < 1) throw wrong("at least one row", String(data.rows));
  if (data.inputs.length !== data.rows * input.rowSize) {
    throw wrong(`${data.rows} × ${input.rowSize} inputs`, `${data.inputs.length} numbers`);
  }
  if (data.targets.length !== data.rows * width) {
    throw wrong(`${data.rows} × ${width} targets`, `${data.targets.length} numbers`);
  }
  checkTokens(network.plan, data.inputs, data.rows, `${name} data`);
  if (objective.definition.targets === "values") return;
  if (objective.definition.targets === "labels") return checkLabels(objective, data, `${name} data`);
  const classes = objective.z.rowSize / width;
  const least = objective.correct === null ? 0 : -1;
  const wrongAt = data.targets.findIndex(
    (target) => !(Number.isInteger(target) && target >= least && target < classes),
  );
  if (wrongAt === -1) return;
  const row = Math.floor(wrongAt / width);
  throw wrong(`a class index from ${least} to ${classes - 1} in row ${row}`, String(data.targets[wrongAt]));
}

/** Throws `invalid_data` unless training data has the weights that the network was planned for. */
export function checkWeights({ plan }: Network, { weights, rows }: TrainingData): void {
  if (plan.objective?.weights === null || weights?.length === rows) return;
  const got = weights === undefined ? "none" : String(weights.length);
  throw new EngineError("invalid_data", { op: "training data", expected: `${rows} row weights`, got });
}

/** Copies `count` rows, from position `start` of `order` (of the data itself when null), into the network. */
export function loadBatch(
  network: Network,
  data: TrainingData,
  order: Uint32Array | null,
  start: number,
  count: number,
): void {
  const inputWidth = network.plan.input.rowSize;
  const targetWidth = network.plan.objective!.t.rowSize;
  const views = inputWidth >= WIDE && hasSameType(data.inputs, network.inputs) ? rowViews(data, inputWidth) : null;
  const weights = network.weights.length > 0 && data.weights !== undefined ? data.weights : null;
  for (let row = 0; row < count; row++) {
    const source = order === null ? start + row : order[start + row];
    if (views === null) copyRow(data.inputs, source, network.inputs, row, inputWidth);
    else network.inputs.set(views[source], row * inputWidth);
    copyRow(data.targets, source, network.targets, row, targetWidth);
    if (weights !== null) network.weights[row] = weights[source];
  }
}

/** From this width on a row is copied as a block of memory, which is twice as fast as a loop, through a view of it. */
const WIDE = 256;
const VIEWS = new WeakMap<Elements, Elements[]>();

/** One view per row, made once for the data: some 200 bytes each, a fifth of the narrowest row that gets one. */
function rowViews({ inputs, rows }: TrainingData, width: number): readonly Elements[] {
  const known = VIEWS.get(inputs);
  if (known !== undefined) return known;
  const views = Array.from({ length: rows }, (_, row) => inputs.subarray(row * width, (row + 1) * width));
  VIEWS.set(inputs, views);
  return views;
}

function hasSameType(a: Elements, b: Elements): boolean {
  return a.BYTES_PER_ELEMENT === b.BYTES_PER_ELEMENT;
}

/** Copies all elements; `set` is faster for many, a loop for the few of a tiny network. */
export function copyElements(from: Elements, to: Elements): void {
  if (from.length >= WIDE) to.set(from);
  else for (let i = 0; i < from.length; i++) to[i] = from[i];
}

// A loop and not `set(subarray())`: that would allocate a view per row.
function copyRow(from: Elements, fromRow: number, to: Elements, toRow: number, width: number): void {
  const source = fromRow * width;
  const target = toRow * width;
  for (let i = 0; i < width; i++) to[target + i] = from[source + i];
}
