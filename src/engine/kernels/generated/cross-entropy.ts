// Cross-entropy fused with softmax; formulas in reference/softmax.ts. The passes over a row are those of softmax-rows.ts.
// value      L = m + log s − z_t
// gradient   dz = (p − onehot(t)) / B: one pass for p/B, then the element of each row's class
// both       of sequences: the gradient in the pass that divides by s, so that p is written nowhere
import type { Tensor } from "../../tensor.ts";
import type { FunctionBuilder, Local } from "../wasm/function-builder.ts";
import { f32, f32x4, f64, i32, memory } from "../wasm/instructions.ts";
import type { I32 } from "../wasm/instructions.ts";
import type { ModuleBuilder } from "../wasm/module-builder.ts";
import { elementFunction, emitElementLoop } from "./element-loop.ts";
import type { Emission, Emitters } from "./emission.ts";
import { reciprocal } from "./losses.ts";
import { emitIsFirstLargest } from "./row-sums.ts";
import { emitBlocks, emitSoftmax, KEPT, KEPT_BYTES } from "./softmax-rows.ts";
import type { SoftmaxBlock } from "./softmax-rows.ts";
import { logarithm } from "./transcendental.ts";

export const CROSS_ENTROPY_EMITTERS: Emitters<
  "softmax_cross_entropy" | "softmax_cross_entropy_backward" | "softmax_cross_entropy_gradient"
> = {
  softmax_cross_entropy(operation, emission) {
    const { z, t, p, loss } = operation;
    const { module, f, rows, address, scratch } = emission;
    const { correct } = operation;
    if (correct) return emitSequenceCrossEntropy({ z, t, to: p, loss, correct, gradient: false }, emission);
    const crossEntropy = crossEntropyFunction(module, z.rowSize, scratch(KEPT_BYTES));
    f.call(crossEntropy, rows, address(z), address(p), address(t), address(loss));
  },

  softmax_cross_entropy_backward({ p, t, dz }, { module, f, batchRows, address, count }) {
    const width = p.rowSize / t.rowSize;
    const scale = f.local("f32", reciprocal(i32.mul(batchRows, i32.const(t.rowSize))));
    const scaled = elementFunction(module, "scale", [1, 1, 1], (_f, [x], [factor]) => [f32x4.mul(x, factor)]);
    f.call(scaled, count(p), address(p), address(dz), scale);
    const parameters = ["i32", "i32", "i32", "i32", "f32"] as const;
    const correct = module.shared(`softmax_cross_entropy_backward ${width}`, parameters, (body) => {
      const [left, from, target, to] = [0, 1, 2, 3].map((position) => body.parameter(position, "i32"));
      const factor = body.parameter(4, "f32");
      body.countDown(left, () => {
        const miss = f32.sub(f32.load(elementAt(from, target)), f32.const(1));
        body.emit(f32.store(elementAt(to, target), f32.mul(miss, factor)));
        for (const pointer of [from, to]) body.advance(pointer, 4 * width);
        body.advance(target, 4);
      });
    });
    f.call(correct, count(t), address(p), address(t), address(dz), scale);
  },

  softmax_cross_entropy_gradient({ z, t, dz, loss, correct }, emission) {
    emitSequenceCrossEntropy({ z, t, to: dz, loss, correct, gradient: true }, emission);
  },
};

interface SequenceLoss extends Record<"z" | "t" | "to" | "loss" | "correct", Tensor> {
  /** Whether the gradient is wanted in the place of the probabilities. */
  readonly gradient: boolean;
}

/** Sequences, row by row: the mean of the losses of its steps that count, and the share of them whose largest z is that of
 * the class. */
function emitSequenceCrossEntropy(
  { z, t, to: result, loss, correct, gradient }: SequenceLoss,
  { module, f, rows, batchRows, address, scratch }: Emission,
): void {
  const [steps, width] = z.shape;
  const at = scratch(KEPT_BYTES);
  const run = module.function(["i32", "i32"], (body) => {
    const [count, all] = [body.parameter(0, "i32"), body.parameter(1, "i32")];
    const [from, to, target] = [z, result, t].map((tensor) => body.local("i32", address(tensor)));
    const [lossTo, correctTo] = [loss, correct].map((tensor) => body.local("i32", address(tensor)));
    const [left, right, stepLoss] = [body.local("i32"), body.local("i32"), body.local("i32")];
    // Targets of the next step whose logits are read, and of the next that is finished.
    const [read, finished] = [body.local("i32"), body.local("i32")];
    const [sum, factor] = [body.local("f32"), body.local("f32")];
    body.countDown(count, () => {
      const counted = emitStepsThatCount(body, target, steps);
      body.set(factor, reciprocal(i32.mul(all, counted)));
      body.set(left, i32.const(steps));
      body.set(right, i32.const(0));
      body.set(sum, f32.const(0));
      emitBlocks(body, left, width, (block) => {
        for (const next of [read, finished]) body.set(next, target);
        emitSoftmax(body, {
          rows: block,
          x: from,
          y: to,
          width,
          scratch: at,
          before(row, maximum, kept) {
            body.if(counts(read), () => {
              const chosen = keepChosen(body, row, read, kept);
              // Where another is larger, there is no need to look at all of them. Not so where it is no number.
              body.if(i32.eqz(f32.gt(maximum, chosen.z)), () => {
                body.set(right, i32.add(right, emitIsFirstLargest(body, row, width, chosen.place)));
              });
            });
            body.advance(read, 4);
          },
          ...(gradient && {
            finish(row, total) {
              body.if(
                counts(finished),
                () => emitGradient(body, row, width, total, elementAt(row, finished), factor),
                () => body.emit(memory.fill(row, i32.const(0), i32.const(4 * width))),
              );
              body.advance(finished, 4);
            },
          }),
        });
        emitLosses(body, block, at, i32.const(at + KEPT.losses));
        for (const pointer of [from, to]) body.advance(pointer, i32.mul(block, i32.const(4 * width)));
        body.set(stepLoss, i32.const(at + KEPT.losses));
        body.countDown(block, () => {
          body.if(counts(target), () => body.set(sum, f32.add(sum, f32.load(stepLoss))));
          for (const pointer of [target, stepLoss]) body.advance(pointer, 4);
        });
      });
      body.emit(f32.store(lossTo, f32.mul(sum, reciprocal(counted))));
      const share = f64.div(f64.convert_i32_u(right), f64.convert_i32_u(counted));
      body.emit(f32.store(correctTo, f32.demote_f64(share)));
      for (const pointer of [lossTo, correctTo]) body.advance(pointer, 4);
    });
  });
  f.call(run, rows, batchRows);
}

/** Whether the step whose target stands at this address counts. */
export function counts(target: I32): I32 {
  return f32.ge(f32.load(target), f32.const(0));
}

/** Steps of the row at `targets` whose target is a class; 1 where there is none, to be divided by. */
export function emitStepsThatCount(f: FunctionBuilder, targets: I32, steps: number): Local<"i32"> {
  const [at, count] = [f.local("i32", targets), f.local("i32", i32.const(0))];
  f.countDown(f.local("i32", i32.const(steps)), () => {
    f.set(count, i32.add(count, counts(at)));
    f.advance(at, 4);
  });
  f.if(i32.eqz(count), () => f.set(count, i32.const(1)));
  return count;
}

/** The function (rows, z, p, t, loss) */
function crossEntropyFunction(module: ModuleBuilder, width: number, scratch: number): FunctionBuilder {
  return module.shared(`softmax_cross_entropy ${width}`, ["i32", "i32", "i32", "i32", "i32"], (f) => {
    const [left, z, p, target, loss] = [0, 1, 2, 3, 4].map((position) => f.parameter(position, "i32"));
    emitBlocks(f, left, width, (rows) => {
      const before: SoftmaxBlock["before"] = (row, _maximum, kept) => {
        keepChosen(f, row, target, kept);
        f.advance(target, 4);
      };
      emitSoftmax(f, { rows, x: z, y: p, width, scratch, before });
      emitLosses(f, rows, scratch, loss);
      for (const pointer of [z, p]) f.advance(pointer, i32.mul(rows, i32.const(4 * width)));
      f.advance(loss, i32.shl(rows, i32.const(2)));
    });
  });
}

/** Keeps z of the class at `target`. */
function keepChosen(
  f: FunctionBuilder,
  row: I32,
  target: I32,
  kept: I32,
): { readonly place: Local<"i32">; readonly z: Local<"f32"> } {
  const place = f.local("i32", elementAt(row, target));
  const z = f.local("f32", f32.load(place));
  f.emit(f32.store(kept, z, KEPT.chosen));
  return { place, z };
}

/** m + log s − z_t of each row of a block, from what is kept of it. */
function emitLosses(f: FunctionBuilder, rows: I32, scratch: number, to: I32): void {
  emitElementLoop(f, {
    count: rows,
    inputs: [KEPT.maxima, KEPT.sums, KEPT.chosen].map((list) => i32.const(scratch + list)),
    outputs: [to],
    compute: (body, [m, s, chosen]) => [f32x4.sub(f32x4.add(m, logarithm(body, s)), chosen)],
  });
}

/** Turns the exponentials of a step into the gradient (p − onehot)·scale; the class has its at `chosen`. */
function emitGradient(
  f: FunctionBuilder,
  row: Local<"i32">,
  width: number,
  sum: Local<"f32">,
  chosen: I32,
  scale: Local<"f32">,
): void {
  const place = f.local("i32", chosen);
  const p = f32.div(f32.load(place), sum);
  const miss = f.local("f32", f32.mul(f32.sub(p, f32.const(1)), scale));
  emitElementLoop(f, {
    count: i32.const(width),
    inputs: [row],
    outputs: [row],
    uniforms: [sum, scale],
    compute: (_f, [power], [s, factor]) => [f32x4.mul(f32x4.div(power, s), factor)],
  });
  f.emit(f32.store(place, miss));
}

/** Address of the element of the row at `row` whose index stands, as a float, at `index`. */
function elementAt(row: I32, index: I32): I32 {
  return i32.add(row, i32.shl(i32.trunc_sat_f32_s(f32.load(index)), i32.const(2)));
}
