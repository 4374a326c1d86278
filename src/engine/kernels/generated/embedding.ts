// Embedding: rows of a table by their indices, one after another; formulas of reference/embedding.ts and its bits.
import type { Tensor } from "../../tensor.ts";
import type { FunctionBuilder, Local } from "../wasm/function-builder.ts";
import { f32, f32x4, i32, memory } from "../wasm/instructions.ts";
import type { I32 } from "../wasm/instructions.ts";
import { emitElementLoop } from "./element-loop.ts";
import type { Emission, Emitters } from "./emission.ts";

export const EMBEDDING_EMITTERS: Emitters<"embed" | "embed_backward"> = {
  embed({ indices, first, E, y }, emission) {
    const bytes = i32.const(4 * y.shape[1]);
    emitLookups(emission, { indices, first, table: E, sequence: y }, (f, entry, step) =>
      f.emit(memory.copy(step, entry, bytes)),
    );
  },
  embed_backward({ indices, first, dy, dE }, emission) {
    const count = i32.const(dy.shape[1]);
    emitLookups(emission, { indices, first, table: dE, sequence: dy }, (f, entry, step) =>
      emitElementLoop(f, {
        count,
        inputs: [entry, step],
        outputs: [entry],
        compute: (_f, [sum, gradient]) => [f32x4.add(sum, gradient)],
      }),
    );
  },
};

interface Lookups {
  readonly indices: Tensor;
  readonly first: number;
  readonly table: Tensor;
  readonly sequence: Tensor;
}

/** Emits a call that visits every row and step with the address of its entry in the table and of its place in the sequence. */
function emitLookups(
  { module, f, rows, address }: Emission,
  { indices, first, table, sequence }: Lookups,
  visit: (f: FunctionBuilder, entry: Local<"i32">, step: Local<"i32">) => void,
): void {
  const [steps, width] = sequence.shape;
  const run = module.function(["i32", "i32", "i32"], (body) => {
    const [left, index, step] = [0, 1, 2].map((position) => body.parameter(position, "i32"));
    const [t, entry] = [body.local("i32"), body.local("i32")];
    body.countDown(left, () => {
      body.set(t, i32.const(steps));
      body.countDown(t, () => {
        body.set(entry, entryOf(index, width, address(table)));
        visit(body, entry, step);
        body.advance(index, 4);
        body.advance(step, 4 * width);
      });
      body.advance(index, 4 * (indices.rowSize - steps));
    });
  });
  f.call(run, rows, i32.add(address(indices), i32.const(4 * first)), address(sequence));
}

function entryOf(index: I32, width: number, table: I32): I32 {
  return i32.add(table, i32.mul(i32.trunc_sat_f32_s(f32.load(index)), i32.const(4 * width)));
}
