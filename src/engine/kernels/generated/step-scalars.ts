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
  /** Computes all of them for this step, `row` rows of slots after the first. Allocates nothing. */
  update(step: Step, row?: number): void;
  /** Numbers in a row. */
  slots(): number;
}

/** `start` is the byte address of a row of slots in `buffer`; generated code reads them at `pointer`, when steps ahead are
 * computed in further rows. */
export function createStepScalars(
  buffer: ArrayBufferLike,
  start: number,
  pointer: I32 = i32.const(start),
  bytes = SCALAR_BYTES,
): StepScalars {
  const floats = new Float32Array(buffer, start, bytes / 4);
  const words = new Int32Array(buffer, start, bytes / 4);
  const slots = new Map<string, number>();
  const entries: { readonly write: WriteScalar; readonly into: Float32Array | Int32Array; readonly slot: number }[] =
    [];
  const offset = (key: string, into: Float32Array | Int32Array, write: WriteScalar): number => {
    const slot = slots.get(key) ?? slots.size;
    if (slot === slots.size) {
      if (slot === floats.length) throw new Error("too many scalars in one step");
      slots.set(key, slot);
      entries.push({ write, into, slot });
    }
    return 4 * slot;
  };
  return {
    scalar: (key, write) => f32.load(pointer, offset(key, floats, write)),
    word: (key, write) => i32.load(pointer, offset(key, words, write)),
    update(step, row = 0) {
      for (let i = 0; i < entries.length; i++) {
        entries[i].write(step, entries[i].into, row * entries.length + entries[i].slot);
      }
    },
    slots: () => entries.length,
  };
}
