// A version in memory, ready to predict: its network with the published weights, its encoders, its way back to words.
import type { DecodingOptions } from "../contract/text-target.ts";
import type { FieldPolicy } from "../contract/field-policy.ts";
import type { Prediction } from "../contract/model.ts";
import { encodeInstances } from "../datasets/features/encode.ts";
import { type TagTarget, tokenPlaces } from "../datasets/features/tag-target.ts";
import type { TextTarget } from "../datasets/features/text-target.ts";
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
import { type Parametrised, restoreWeights } from "../engine/training-state.ts";
import { DomainError, type Fault } from "../errors.ts";
import { decodeRow, placesOf } from "../datasets/features/decode.ts";
import { squaredError } from "../evaluation/reconstruction.ts";
import { classShares, predictedClass } from "../evaluation/class-shares.ts";
import { createTextWriter, createTranscriber, resolveDecoding } from "./text-writer.ts";
import type { VersionRecord } from "./version-record.ts";

/** Rows computed at once: enough to be fast. */
const mostRows = 64;
/** Fewer where they need more memory than this beside the weights: one row of large images may fill it. */
const mostBatchBytes = 128 * 2 ** 20;
/** Faults of one request that are told. */
const faultsKept = 100;

/** What turns encoded instances into predictions. */
interface Answerer {
  /** Where the weights are. */
  readonly weights: Parametrised;
  /** @param inputs of `rows` instances, row-major */
  answer(inputs: Elements, rows: number, options: DecodingOptions): Prediction[];
}

export class LoadedModel {
  readonly record: VersionRecord;
  /** Of the network's memory: what the cache counts. */
  readonly memoryBytes: number;
  readonly #answerer: Answerer;

  constructor(record: VersionRecord, weights: Uint8Array, tier: Tier) {
    this.record = record;
    // A version predicts with the bits it was evaluated with, as far as the tier has them.
    const kernels = recallKernels(record.kernels, tier, record.precision);
    this.#answerer =
      record.target.kind === "text"
        ? textAnswerer(record, record.target, kernels, weights.byteLength)
        : outputAnswerer(record, kernels, weights.byteLength);
    this.memoryBytes = this.#answerer.weights.memory.buffer.byteLength;
    restoreWeights(this.#answerer.weights, decodeCheckpoint(weights));
  }

  /**
   * One prediction per instance.
   * @throws DomainError `invalid_instance` with every fault found, `invalid_request` for options that mean nothing here
   */
  predict(instances: readonly unknown[], options: FieldPolicy & DecodingOptions = {}): Prediction[] {
    const { features, precision, target, head } = this.record;
    if (target.kind !== "text") refuseDecoding(options, "models that write texts", ["beam_width", "length_penalty"]);
    else if (head.loss === "ctc") refuseDecoding(options, "texts written token by token", ["length_penalty"]);
    const inputs =
      features.window === undefined
        ? encodeInstances(features, instances, precision, options)
        : encodeWindowInstances(features, features.window.length, instances, precision, options);
    return this.#answerer.answer(inputs, instances.length, options);
  }

  /** Weights and biases as nested arrays, in the form `initial_parameters` takes. */
  parameters(): LayerParameters[] {
    return readParameters(this.#answerer.weights);
  }
}

/** A network whose outputs are the prediction. */
function outputAnswerer(record: VersionRecord, kernels: Kernels, weightBytes: number): Answerer {
  const weights = instantiate(planPrediction(record, kernels, weightBytes), kernels);
  const { outputActivation, output } = weights.plan;
  const { target } = record;
  const width = output.rowSize;
  return {
    weights,
    answer(inputs, rows) {
      checkTokens(weights, inputs, rows);
      const outputs = predict(weights, inputs, rows);
      const steps = weights.plan.input.rowSize;
      const predictions = Array.from({ length: rows }, (_, row) => {
        const own = outputs.subarray(row * width, (row + 1) * width);
        const given = inputs.subarray(row * steps, (row + 1) * steps);
        if (target.kind === "tags") return decodeTags(target, given, own);
        if (target.kind === "inputs") return decodeReconstruction(record, given, own);
        return decodePrediction(record, outputActivation, own);
      });
      checkFinite(predictions);
      return predictions;
    },
  };
}

/** A network that writes the prediction: an encoder and decoder, or one that hears a token or none in each step. */
function textAnswerer(record: VersionRecord, target: TextTarget, kernels: Kernels, weightBytes: number): Answerer {
  if (record.head.loss === "ctc") {
    const weights = instantiate(planPrediction(record, kernels, weightBytes), kernels);
    const write = createTranscriber(weights, target);
    return {
      weights,
      answer(inputs, rows, options) {
        const texts = write(inputs, rows, resolveDecoding(options, record.decoding));
        checkFinite(texts);
        return texts;
      },
    };
  }
  const texts = createTextWriter(record.network, target, kernels);
  return {
    weights: texts.decoder,
    answer: (inputs, rows, options) => texts.write(inputs, rows, resolveDecoding(options, record.decoding)),
  };
}

function refuseDecoding(options: DecodingOptions, what: string, names: readonly (keyof DecodingOptions)[]): void {
  const given = names.filter((name) => options[name] !== undefined);
  if (given.length === 0) return;
  const faults = given.map((name): Fault => ({
    pointer: `/${name}`,
    code: "option_does_not_fit",
    detail: `"${name}" is for ${what}.`,
    hint: "Leave it out.",
  }));
  throw new DomainError("invalid_request", faults[0].detail, { faults });
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

/** Inputs far from those of the training may grow beyond all numbers on their way through the network. */
function checkFinite(predictions: readonly Prediction[]): void {
  const faults = predictions.flatMap((prediction, row): Fault[] => {
    const { value, values, probabilities, label_probabilities, score, error } = prediction;
    const one = value ?? score ?? error;
    const several = Object.values(values ?? probabilities ?? label_probabilities ?? {});
    const numbers = one === undefined ? several : [one];
    if (numbers.every(Number.isFinite)) return [];
    const detail = `What the network makes of instance ${row} is not a finite number.`;
    const hint = "Send numbers within the range seen in training.";
    return [{ pointer: `/instances/${row}`, code: "non_finite", detail, hint }];
  });
  if (faults.length > 0)
    throw new DomainError("invalid_instance", faults[0].detail, { faults: faults.slice(0, faultsKept) });
}

/** The network for as many rows at once as there is room for: that changes no bit of a row's prediction. */
function planPrediction({ network, precision, head }: VersionRecord, kernels: Kernels, weightBytes: number): Plan {
  for (let batchCapacity = mostRows; ; batchCapacity /= 2) {
    const plan = planNetwork(network, { batchCapacity, precision, loss: head.loss, labels: head.steps });
    if (batchCapacity === 1 || networkBytes(plan, kernels) - weightBytes <= mostBatchBytes) return plan;
  }
}

/** The labels of an instance's tokens, from the outputs (tokens, labels) of all steps. */
function decodeTags({ classes }: TagTarget, tokens: Elements, outputs: Elements): Prediction {
  const found = tokenPlaces(tokens).map((place) => {
    const shares = outputs.subarray(place * classes.length, (place + 1) * classes.length);
    const best = predictedClass(shares);
    return { label: classes[best], probability: shares[best] };
  });
  return {
    labels: found.map(({ label }) => label),
    label_probabilities: found.map(({ probability }) => probability),
  };
}

/** How an instance was given back, and how far from what it was. */
function decodeReconstruction({ features }: VersionRecord, inputs: Elements, outputs: Elements): Prediction {
  const errorOf = ({ start, width }: { start: number; width: number }) => squaredError(inputs, outputs, start, width);
  return {
    error: errorOf({ start: 0, width: inputs.length }),
    errors: Object.fromEntries(placesOf(features).map((place) => [place.name, errorOf(place)])),
    reconstruction: decodeRow(features, outputs),
  };
}

/** One row of network outputs in the words of the target. */
function decodePrediction({ target }: VersionRecord, activation: ActivationName, outputs: Elements): Prediction {
  if (target.kind === "text") throw new Error("texts are written, not decoded from outputs");
  if (target.kind === "inputs") throw new Error("a reconstruction needs the inputs too");
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
