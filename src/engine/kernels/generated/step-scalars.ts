// Numbers that follow from the step (a corrected learning rate, the seed): computed outside in float64, as the reference
// does, and left in memory where the generated code reads them.
import type { Step } from "../kernels.ts";
import { f32, i32 } from "../wasm/instructions.ts";
import type { F32, I32 } from "../wasm/instructions.ts";

/** Room for 1,024 numbers. One key per set of hyperparameters: a network has a handful. */
export const SCALAR_BYTES = 4096;

type OfStep = (step: Step) => number;

export interface StepScalars {
  scalar(key: string, of: OfStep): F32;
  word(key: string, of: OfStep): I32;
  /** Computes all of them for this step. Allocates nothing. */
  update(step: Step): void;
}

/** `start` is the byte address of SCALAR_BYTES in `buffer`. */
export function createStepScalars(buffer: ArrayBufferLike, start: number): StepScalars {
  const floats = new Float32Array(buffer, start, SCALAR_BYTES / 4);
  const words = new Int32Array(buffer, start, SCALAR_BYTES / 4);
  const slots = new Map<string, number>();
  const writers: ((step: Step) => void)[] = [];
  const address = (key: string, write: (slot: number) => (step: Step) => void): I32 => {
    const slot = slots.get(key) ?? slots.size;
    if (slot === slots.size) {
      if (slot === floats.length) throw new Error("too many scalars in one step");
      slots.set(key, slot);
      writers.push(write(slot));
    }
    return i32.const(start + 4 * slot);
  };
  return {
    scalar: (key, of) => f32.load(address(key, (slot) => (step) => void (floats[slot] = of(step)))),
    word: (key, of) => i32.load(address(key, (slot) => (step) => void (words[slot] = of(step)))),
    update(step) {
      for (let i = 0; i < writers.length; i++) writers[i](step);
    },
  };
}
