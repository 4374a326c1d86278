// A version in memory, ready to predict: its network with the published weights, its encoders, its way back to words.
import type { FieldPolicy } from "../contract/field-policy.ts";
import type { Prediction } from "../contract/model.ts";
import { encodeInstances } from "../datasets/features/encode.ts";
import { encodeWindowInstances } from "../datasets/features/window-instances.ts";
import { decodeNumber } from "../datasets/features/number-target.ts";
import { decodeCheckpoint } from "../engine/checkpoint.ts";
import { predict } from "../engine/evaluate.ts";
import type { Kernels } from "../engine/kernels/kernels.ts";
import { recallKernels, type Tier } from "../engine/kernels/tiers.ts";
import type { ActivationName } from "../engine/layers/activation.ts";
import { instantiate, type Network, networkBytes } from "../engine/network.ts";
import { type LayerParameters, readParameters } from "../engine/parameters.ts";
import { type Plan, planNetwork } from "../engine/plan.ts";
import type { Elements } from "../engine/tensor.ts";
import { wrongTokens } from "../engine/tokens.ts";
import { restoreWeights } from "../engine/training-state.ts";
import { DomainError, type Fault } from "../errors.ts";
import { classShares, predictedClass } from "../evaluation/class-shares.ts";
import type { VersionRecord } from "./version-record.ts";

/** Rows computed at once: enough to be fast. */
const mostRows = 64;
/** Fewer where they need more memory than this beside the weights: one row of large images may fill it. */
const mostBatchBytes = 128 * 2 ** 20;
/** Faults of one request that are told. */
const faultsKept = 100;

export class LoadedModel {
  readonly record: VersionRecord;
  /** Of the network's memory: what the cache counts. */
  readonly memoryBytes: number;
  readonly #network: Network;

  constructor(record: VersionRecord, weights: Uint8Array, tier: Tier) {
    this.record = record;
    // A version predicts with the bits it was evaluated with, as far as the tier has them.
    const kernels = recallKernels(record.kernels, tier, record.precision);
    this.#network = instantiate(planPrediction(record, kernels, weights.byteLength), kernels);
    this.memoryBytes = this.#network.memory.buffer.byteLength;
    restoreWeights(this.#network, decodeCheckpoint(weights));
  }

  /**
   * One prediction per instance.
   * @throws DomainError `invalid_instance` with every fault found
   */
  predict(instances: readonly unknown[], policy: FieldPolicy = {}): Prediction[] {
    const { features, precision } = this.record;
    const inputs =
      features.window === undefined
        ? encodeInstances(features, instances, precision, policy)
        : encodeWindowInstances(features, features.window.length, instances, precision, policy);
    checkTokens(this.#network, inputs, instances.length);
    const outputs = predict(this.#network, inputs, instances.length);
    const width = outputs.length / instances.length;
    const { outputActivation } = this.#network.plan;
    return instances.map((_, row) =>
      decodePrediction(this.record, outputActivation, outputs.subarray(row * width, (row + 1) * width)),
    );
  }

  /** Weights and biases as nested arrays, in the form `initial_parameters` takes. */
  parameters(): LayerParameters[] {
    return readParameters(this.#network);
  }
}

/** Numbers that the network looks up in a table may be any: that they are entries of it, only the network can tell. */
function checkTokens({ plan }: Network, inputs: Elements, rows: number): void {
  const faults: Fault[] = [];
  for (const { row, position, got, vocabulary } of wrongTokens(plan, inputs, rows)) {
    const detail = `Input ${position} of instance ${row} is ${got}, expected a token, a whole number from 0 to ${vocabulary - 1}.`;
    faults.push({ pointer: `/instances/${row}`, code: "unknown_token", detail });
    if (faults.length === faultsKept) break;
  }
  if (faults.length > 0) throw new DomainError("invalid_instance", faults[0].detail, { faults });
}

/** The network for as many rows at once as there is room for: that changes no bit of a row's prediction. */
function planPrediction({ network, precision, head }: VersionRecord, kernels: Kernels, weightBytes: number): Plan {
  for (let batchCapacity = mostRows; ; batchCapacity /= 2) {
    const plan = planNetwork(network, { batchCapacity, precision, loss: head.loss });
    if (batchCapacity === 1 || networkBytes(plan, kernels) - weightBytes <= mostBatchBytes) return plan;
  }
}

/** One row of network outputs in the words of the target. */
function decodePrediction({ target }: VersionRecord, activation: ActivationName, outputs: Elements): Prediction {
  if (target.kind === "number") {
    const values = Array.from(outputs, (output, position) => decodeNumber(target, position, output));
    if (values.length === 1) return { value: values[0] };
    return { values: Object.fromEntries(values.map((value, position) => [target.names[position], value])) };
  }
  if (target.kind === "labels") {
    return {
      labels: target.classes.filter((_, position) => outputs[position] >= 0.5),
      probabilities: Object.fromEntries(target.classes.map((label, position) => [label, outputs[position]])),
    };
  }
  const shares = classShares(outputs, activation);
  const best = predictedClass(outputs);
  return {
    label: target.classes[best],
    probability: shares[best],
    probabilities: Object.fromEntries(target.classes.map((label, code) => [String(label), shares[code]])),
  };
}
