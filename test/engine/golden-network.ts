// A network beside PyTorch's: the same numbers, some steps of SGD with momentum, then predictions.
import type { LayerSpec } from "../../src/engine/layers/catalogue.ts";
import type { LayerParameters } from "../../src/engine/parameters.ts";
import { readParameters } from "../../src/engine/parameters.ts";
import { build, golden } from "./construction.ts";

interface Golden {
  readonly rows: number;
  readonly steps: number;
  readonly learning_rate: number;
  readonly momentum: number;
  readonly inputs: readonly number[];
  readonly targets: readonly number[];
  readonly parameters: readonly LayerParameters[];
  readonly losses: readonly number[];
  readonly trained: readonly LayerParameters[];
  readonly predictions: readonly number[];
}

/** All numbers of nested arrays and records, in order. */
function numbersOf(value: unknown): number[] {
  if (typeof value === "number") return [value];
  return Object.values(value as object).flatMap(numbersOf);
}

/** The largest difference of losses, trained parameters and predictions from those that a script beside the tests wrote of
 * PyTorch's; Infinity where the parameters have other names. */
export function differenceFromPyTorch(file: string, input: readonly number[], layers: readonly LayerSpec[]): number {
  const record = golden<Golden>(file);
  const network = build({
    input,
    layers,
    loss: "cross_entropy",
    optimizer: { type: "sgd", momentum: record.momentum },
    capacity: record.rows,
    given: record.parameters,
  });
  network.inputs.set(record.inputs);
  network.targets.set(record.targets);
  const losses = record.losses.map((_, index) => {
    network.step.learningRate = record.learning_rate;
    network.step.number = index + 1;
    network.trainStep(record.rows);
    return Array.from(network.losses.subarray(0, record.rows)).reduce((sum, loss) => sum + loss, 0) / record.rows;
  });
  const trained = readParameters(network);
  network.forward(record.rows);
  if (namesOf(trained) !== namesOf(record.trained)) return Infinity;
  const got = [...losses, ...numbersOf(trained), ...network.outputs.subarray(0, record.predictions.length)];
  const wanted = [...record.losses, ...numbersOf(record.trained), ...record.predictions];
  return Math.max(...got.map((value, index) => Math.abs(value - wanted[index])));
}

function namesOf(parameters: readonly LayerParameters[]): string {
  return JSON.stringify(parameters.map((layer) => Object.keys(layer)));
}
