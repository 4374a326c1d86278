// Runs one operation on some kernels and on the reference, over the same scattered numbers, and compares every tensor.
import { expect } from "vitest";
import type { Kernels, Step } from "../../../src/engine/kernels/kernels.ts";
import { createReferenceKernels } from "../../../src/engine/kernels/reference/reference.ts";
import { allocateMemory, layout } from "../../../src/engine/memory.ts";
import type { Operation } from "../../../src/engine/operations.ts";
import { tensorsOf } from "../../../src/engine/operations.ts";
import type { Elements, Tensor } from "../../../src/engine/tensor.ts";
import { fixedTensor } from "../../../src/engine/tensor.ts";
import { scattered, stepOf } from "../construction.ts";

const REFERENCE = createReferenceKernels("float32");
const SPECIAL = [NaN, Infinity, -Infinity, 0, -0, 1e-40, 1e-30];

export interface Trial {
  readonly operation: Operation;
  readonly rows: number;
  /** 0 for ordinary numbers; others scatter NaN, infinities, zeros and denormals. */
  readonly special: number;
  /** Names of tensors that hold indices below `indexLimit`, no negative numbers, or numbers in (−¼, ¼); others reach ±3. */
  readonly indices?: readonly string[];
  readonly indexLimit?: number;
  readonly lowestIndex?: number | undefined;
  readonly nonNegative?: readonly string[];
  readonly bounded?: readonly string[];
  /** What differs from a first step over the whole batch. */
  readonly step?: Partial<Step>;
}

export type Agrees = (value: number, wanted: number) => boolean;

/** The first number that the kernels and the reference do not agree on, in words. */
export function disagreement(kernels: Kernels, trial: Trial, agrees: Agrees): string | undefined {
  const expected = run(REFERENCE, trial);
  for (const [name, values] of run(kernels, trial)) {
    const wanted = expected.get(name)!;
    const wrong = values.findIndex((value, i) => !agrees(value, wanted[i]));
    if (wrong !== -1) return `${name}[${wrong}] is ${values[wrong]}, not ${wanted[wrong]}`;
  }
  return undefined;
}

/** Stands in every word that is no tensor's: at least 16 of them before and after each. */
const GUARD = 0.125;

/** The contents of every tensor after one operation, which began with scattered numbers, some of them special. */
function run(kernels: Kernels, trial: Trial): Map<Tensor["name"], Elements> {
  const { operation, rows, special, indices, indexLimit = 1, lowestIndex = 0, nonNegative, bounded, step } = trial;
  const tensors = tensorsOf(operation);
  const guard = (): Tensor => fixedTensor("guard", [16]);
  const guarded = [guard(), ...tensors.flatMap((tensor) => [tensor, guard()])];
  const memory = allocateMemory(layout(guarded, "float32"), kernels, [[operation]]);
  const words = new Float32Array(memory.buffer, 0, memory.working / 4).fill(GUARD);
  tensors.forEach((tensor, index) => {
    const view = memory.view(tensor);
    // Beyond ±1, so that every branch of every function is taken.
    const scale = bounded?.includes(tensor.name) ? 1 / 4 : 3;
    const values = scattered(view.length, index + 1).map((value) => scale * value);
    if (special > 0) {
      for (let i = special % 7; i < values.length; i += 11) values[i] = SPECIAL[(i + special) % SPECIAL.length];
    }
    if (indices?.includes(tensor.name))
      values.forEach((_, i) => (values[i] = lowestIndex + ((i * 7) % (indexLimit - lowestIndex))));
    if (nonNegative?.includes(tensor.name)) values.forEach((value, i) => (values[i] = Math.abs(value)));
    view.set(values);
  });
  kernels.bind([operation], memory)(stepOf({ rows, learningRate: 0.05, number: 3, seed: 2 ** 40 + 17, ...step }));
  const contents = new Map(tensors.map((tensor) => [tensor.name, memory.view(tensor).slice()]));
  for (const tensor of tensors) memory.view(tensor).fill(GUARD);
  expect(words.findIndex((word) => word !== GUARD)).toBe(-1);
  return contents;
}
