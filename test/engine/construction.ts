// How the engine tests make networks and data: the real planner and the reference kernels, with defaults for brevity.
import { readFileSync } from "node:fs";
import type { TrainingData } from "../../src/engine/data.ts";
import type { Kernels, Step } from "../../src/engine/kernels/kernels.ts";
import { createReferenceKernels } from "../../src/engine/kernels/reference/reference.ts";
import type { LayerSpec } from "../../src/engine/layers/catalogue.ts";
import type { LossName } from "../../src/engine/losses/catalogue.ts";
import { layout } from "../../src/engine/memory.ts";
import type { Network } from "../../src/engine/network.ts";
import { instantiate } from "../../src/engine/network.ts";
import { tensorsOf } from "../../src/engine/operations.ts";
import type { OptimizerSpec } from "../../src/engine/optimizers/catalogue.ts";
import type { LayerParameters } from "../../src/engine/parameters.ts";
import { initialise } from "../../src/engine/parameters.ts";
import { planNetwork } from "../../src/engine/plan.ts";
import type { Plan } from "../../src/engine/plan.ts";
import type { Precision } from "../../src/engine/tensor.ts";
import type { GradientClip, TrainingSpec } from "../../src/engine/training-plan.ts";

export interface Construction {
  readonly input: readonly number[];
  readonly layers: readonly LayerSpec[];
  readonly loss?: LossName;
  /** Of the loss ctc: labels of a row at most. */
  readonly labels?: number;
  /** Default plain SGD; null plans a network that cannot be trained. */
  readonly optimizer?: OptimizerSpec | null;
  readonly gradientClip?: GradientClip;
  /** What else belongs to a training step. */
  readonly training?: Omit<TrainingSpec, "optimizer" | "gradientClip">;
  readonly precision?: Precision;
  readonly capacity?: number;
  readonly seed?: number;
  readonly given?: readonly LayerParameters[];
  /** Default the reference, in `precision`. */
  readonly kernels?: Kernels;
  /** Every tensor at a place of its own, where it can still be read after a step. */
  readonly apart?: boolean;
}

export function build(construction: Construction): Network {
  const { input, layers, loss, labels, optimizer = { type: "sgd" }, gradientClip, given } = construction;
  const { precision = construction.kernels?.precision ?? "float64", capacity = 4, seed = 1 } = construction;
  const plan = planNetwork(
    { input_shape: input, layers },
    {
      batchCapacity: capacity,
      precision,
      loss,
      labels,
      training:
        loss === undefined || optimizer === null ? undefined : { optimizer, gradientClip, ...construction.training },
    },
  );
  const network = instantiate(
    construction.apart === true ? apart(plan) : plan,
    construction.kernels ?? createReferenceKernels(precision),
  );
  initialise(network, seed, given);
  return network;
}

/** The plan without memory that is shared by lifetime. */
export function apart(plan: Plan): Plan {
  const values = [...plan.parameters.map(({ value }) => value), plan.input, plan.output];
  return { ...plan, layout: layout([...values, ...plan.lists.flat().flatMap(tensorsOf)], plan.precision) };
}

/** The first step of a training, over a whole batch, but for what is given. */
export function stepOf(given: Partial<Step> & Pick<Step, "rows">): Step {
  return { batchRows: given.rows, firstRow: 0, learningRate: 0, number: 1, seed: 0, ...given };
}

/** Rows of [inputs, targets] as data. */
export function dataOf(rows: readonly (readonly [readonly number[], readonly number[]])[]): TrainingData {
  return {
    inputs: Float64Array.from(rows.flatMap(([inputs]) => inputs)),
    targets: Float64Array.from(rows.flatMap(([, targets]) => targets)),
    rows: rows.length,
  };
}

/** The n × n matrix of ones on the diagonal and zeros elsewhere. */
export function identityMatrix(n: number): number[][] {
  return Array.from({ length: n }, (_row, i) => Array.from({ length: n }, (_column, j) => Number(i === j)));
}

/** The four rows of a function of two bits. */
export function truthTable(outputs: readonly [number, number, number, number]): TrainingData {
  return dataOf([
    [[0, 0], [outputs[0]]],
    [[0, 1], [outputs[1]]],
    [[1, 0], [outputs[2]]],
    [[1, 1], [outputs[3]]],
  ]);
}

export const XOR = truthTable([0, 1, 1, 0]);

/** Deterministic numbers in (−1, 1) without structure: the fractional parts of a large sine. */
export function scattered(count: number, seed = 1): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => {
    const value = Math.sin((i + 1) * 12.9898 + seed * 78.233) * 43758.5453;
    return 2 * (value - Math.floor(value)) - 1;
  });
}

/** A golden file beside the tests; the script that made it has the same name. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller knows what its file holds
export function golden<Content>(name: string): Content {
  return JSON.parse(readFileSync(new URL(name, import.meta.url), "utf8")) as Content;
}
