// Running a network over many rows: loss and metrics of a data set, or predictions alone.
import { EngineError } from "./engine-error.ts";
import { checkData, loadBatch } from "./data.ts";
import type { TrainingData } from "./data.ts";
import { addBatch, createTally, lossOf, metricsOf } from "./metrics.ts";
import type { MetricKind, Metrics } from "./metrics.ts";
import type { Network } from "./network.ts";
import { allocateElements } from "./tensor.ts";
import type { Elements } from "./tensor.ts";
import { checkTokens } from "./tokens.ts";

export interface MetricOptions {
  /** Default: accuracy for networks that end in softmax, sigmoid or threshold. */
  readonly metric?: MetricKind | undefined;
  /** One factor per output: mae is reported × factor (the standard deviation of a standardised target). */
  readonly targetScales?: readonly number[] | undefined;
}

export interface Evaluation {
  readonly loss: number;
  readonly metrics: Metrics;
}

/** Row by row. */
export interface RowResults {
  /** (rows, outputs), row-major. */
  readonly outputs: Elements;
  /** (rows) */
  readonly losses: Elements;
}

/** Loss and metrics over all rows, without training noise. Throws `invalid_data`. */
export function evaluate(network: Network, data: TrainingData, options: MetricOptions = {}): Evaluation {
  return evaluateBatches(network, data, options, null);
}

/** Loss and metrics, and what they are made of: predictions and losses of all rows. Throws `invalid_data`. */
export function evaluateRows(
  network: Network,
  data: TrainingData,
  options: MetricOptions = {},
): Evaluation & RowResults {
  const { precision, output } = network.plan;
  const outputs = allocateElements(precision, data.rows * output.rowSize);
  const losses = allocateElements(precision, data.rows);
  return { ...evaluateBatches(network, data, options, { outputs, losses }), outputs, losses };
}

/** Loss and metrics, and the losses of all rows, without what the network predicts: of sequences that may be very much.
 * Throws `invalid_data`. */
export function evaluateLosses(
  network: Network,
  data: TrainingData,
  options: MetricOptions = {},
): Evaluation & Pick<RowResults, "losses"> {
  const losses = allocateElements(network.plan.precision, data.rows);
  return { ...evaluateBatches(network, data, options, { outputs: null, losses }), losses };
}

function evaluateBatches(
  network: Network,
  data: TrainingData,
  options: MetricOptions,
  results: { readonly outputs: Elements | null; readonly losses: Elements } | null,
): Evaluation {
  checkData(network, data, "evaluation");
  const { plan } = network;
  const tally = createTally(plan, options.metric, options.targetScales);
  for (let start = 0; start < data.rows; start += plan.batchCapacity) {
    const count = Math.min(plan.batchCapacity, data.rows - start);
    loadBatch(network, data, null, start, count);
    network.evaluate(count);
    addBatch(tally, network, count);
    if (results === null) continue;
    if (results.outputs !== null) keepOutputs(network, count, results.outputs, start);
    results.losses.set(network.losses.subarray(0, count), start);
  }
  return { loss: lossOf(tally, plan), metrics: metricsOf(tally) };
}

/** Predictions (rows, outputs) for inputs (rows, …input shape). Equal bits for a row whatever batch it is in. Inputs that
 * already stand in the network, because the caller wrote them to `network.inputs`, are not copied. */
export function predict(network: Network, inputs: Elements, rows: number): Elements {
  const { plan } = network;
  const width = plan.input.rowSize;
  if (inputs.length !== rows * width) {
    throw new EngineError("invalid_data", {
      op: "predict",
      expected: `${rows} × ${width} inputs`,
      got: `${inputs.length} numbers`,
    });
  }
  checkTokens(plan, inputs, rows, "predict");
  const outputs = allocateElements(plan.precision, rows * plan.output.rowSize);
  for (let start = 0; start < rows; start += plan.batchCapacity) {
    const count = Math.min(plan.batchCapacity, rows - start);
    if (!isWithin(network, inputs)) network.inputs.set(inputs.subarray(start * width, (start + count) * width));
    network.forward(count);
    keepOutputs(network, count, outputs, start);
  }
  return outputs;
}

function isWithin(network: Network, inputs: Elements): boolean {
  return inputs.buffer === network.inputs.buffer && inputs.byteOffset === network.inputs.byteOffset;
}

function keepOutputs({ plan, outputs }: Network, count: number, into: Elements, row: number): void {
  const width = plan.output.rowSize;
  into.set(outputs.subarray(0, count * width), row * width);
}
