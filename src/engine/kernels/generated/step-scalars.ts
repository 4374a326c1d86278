// Numbers that follow from the step (a corrected learning rate, the seed): computed outside in float64, as the reference
// does, and left in memory where the generated code reads them.
import type { Step } from "../kernels.ts";
import { f32, i32 } from "../wasm/instructions.ts";
import type { F32, I32 } from "../wasm/instructions.ts";

/** Room for 1,024 numbers. One key per set of hyperparameters: a network has a handful. */
export const SCALAR_BYTES = 4096;

/** Writes the number for this step to its place. It is written and not returned, because V8 would allocate a heap object
 * for each number that a function it does not inline gives back. */
export type WriteScalar = (step: Step, into: Float32Array | Int32Array, slot: number) => void;

export interface StepScalars {
  scalar(key: string, write: WriteScalar): F32;
  word(key: string, write: WriteScalar): I32;
  /** Computes all of them for this step. Allocates nothing. */
  update(step: Step): void;
}

/** `start` is the byte address of SCALAR_BYTES in `buffer`. */
export function createStepScalars(buffer: ArrayBufferLike, start: number): StepScalars {
  const floats = new Float32Array(buffer, start, SCALAR_BYTES / 4);
  const words = new Int32Array(buffer, start, SCALAR_BYTES / 4);
  const slots = new Map<string, number>();
  const entries: { readonly write: WriteScalar; readonly into: Float32Array | Int32Array; readonly slot: number }[] =
    [];
  const address = (key: string, into: Float32Array | Int32Array, write: WriteScalar): I32 => {
    const slot = slots.get(key) ?? slots.size;
    if (slot === slots.size) {
      if (slot === floats.length) throw new Error("too many scalars in one step");
      slots.set(key, slot);
      entries.push({ write, into, slot });
    }
    return i32.const(start + 4 * slot);
  };
  return {
    scalar: (key, write) => f32.load(address(key, floats, write)),
    word: (key, write) => i32.load(address(key, words, write)),
    update(step) {
      for (let i = 0; i < entries.length; i++) entries[i].write(step, entries[i].into, entries[i].slot);
    },
  };
}
