// Softmax and the cross-entropy that is fused with it; formulas in reference/softmax.ts. A block of rows stays in L1 for
// all passes, and what a row becomes does not depend on its block.
// softmax    maximum of each row · e^{z − m} of all rows · sum of each row over ascending columns · division
// backward   dz_i = p_i · (dp_i − Σ_j dp_j·p_j)
// cross-entropy          L = m + log s − z_t
// its gradient           dz = (p − onehot(t)) / B: one pass for p/B, then the element of each row's class
import type { Tensor } from "../../tensor.ts";
import type { FunctionBuilder, Local } from "../wasm/function-builder.ts";
import { f32, f32x4, f64, i32, memory, select } from "../wasm/instructions.ts";
import type { F32, I32 } from "../wasm/instructions.ts";
import type { ModuleBuilder } from "../wasm/module-builder.ts";
import { elementFunction, emitElementLoop } from "./element-loop.ts";
import type { Emission, Emitters } from "./emission.ts";
import { emitInterleavedSum, emitIsFirstLargest, emitMaximum, emitSum } from "./row-sums.ts";
import { exponential, logarithm } from "./transcendental.ts";

export const SOFTMAX_EMITTERS: Emitters<
  | "softmax"
  | "softmax_backward"
  | "softmax_cross_entropy"
  | "softmax_cross_entropy_backward"
  | "softmax_cross_entropy_gradient"
> = {
  softmax({ x, y }, { module, f, address, count, scratch }) {
    const width = x.shape[x.shape.length - 1];
    const softmax = softmaxFunction(module, width, scratch(RESULT_BYTES));
    f.call(softmax, i32.div_u(count(x), i32.const(width)), address(x), address(y));
  },

  softmax_backward({ y, dy, dx }, { module, f, address, count, scratch }) {
    const width = y.shape[y.shape.length - 1];
    const products = i32.const(scratch(4 * width));
    const backward = module.shared(`softmax_backward ${width}`, ["i32", "i32", "i32", "i32"], (body) => {
      const [rows, value, gradient, result] = [0, 1, 2, 3].map((position) => body.parameter(position, "i32"));
      const columns = i32.const(width);
      body.countDown(rows, () => {
        emitElementLoop(body, {
          count: columns,
          inputs: [gradient, value],
          outputs: [products],
          compute: (_f, [a, b]) => [f32x4.mul(a, b)],
        });
        const dot = emitSum(body, products, width);
        emitElementLoop(body, {
          count: columns,
          inputs: [value, gradient],
          outputs: [result],
          uniforms: [dot],
          compute: (_f, [p, dp], [sum]) => [f32x4.mul(p, f32x4.sub(dp, sum))],
        });
        for (const pointer of [value, gradient, result]) body.advance(pointer, 4 * width);
      });
    });
    f.call(backward, i32.div_u(count(y), i32.const(width)), address(y), address(dy), address(dx));
  },

  softmax_cross_entropy(operation, emission) {
    const { z, t, p, loss } = operation;
    const { module, f, rows, address, scratch } = emission;
    const { correct } = operation;
    if (correct) return emitSequenceCrossEntropy({ z, t, to: p, loss, correct, gradient: false }, emission);
    const crossEntropy = crossEntropyFunction(module, z.rowSize, scratch(RESULT_BYTES));
    f.call(crossEntropy, rows, address(z), address(p), address(t), address(loss));
  },

  softmax_cross_entropy_backward({ p, t, dz }, { module, f, batchRows, address, count }) {
    const width = p.rowSize / t.rowSize;
    const scale = f.local("f32", inverse(i32.mul(batchRows, i32.const(t.rowSize))));
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
 * the class. A step's probabilities become its gradient while they are in L1. */
function emitSequenceCrossEntropy(
  { z, t, to: result, loss, correct, gradient }: SequenceLoss,
  { module, f, rows, batchRows, address, scratch }: Emission,
): void {
  const [steps, width] = z.shape;
  const at = scratch(RESULT_BYTES + LOSS_BYTES);
  const losses = i32.const(at + RESULT_BYTES);
  const run = module.function(["i32", "i32"], (body) => {
    const [count, all] = [body.parameter(0, "i32"), body.parameter(1, "i32")];
    const [from, to, target] = [z, result, t].map((tensor) => body.local("i32", address(tensor)));
    const [lossTo, correctTo] = [loss, correct].map((tensor) => body.local("i32", address(tensor)));
    const [left, right, stepLoss] = [body.local("i32"), body.local("i32"), body.local("i32")];
    const [sum, factor] = [body.local("f32"), body.local("f32")];
    body.countDown(count, () => {
      const counted = emitStepsThatCount(body, target, steps);
      body.set(factor, inverse(i32.mul(all, counted)));
      body.set(left, i32.const(steps));
      body.set(right, i32.const(0));
      body.set(sum, f32.const(0));
      emitBlocks(body, left, width, (block) => {
        emitSoftmax(body, { rows: block, x: from, y: to, width, scratch: at });
        emitLogarithms(body, block, at, losses);
        body.set(stepLoss, losses);
        body.countDown(block, () => {
          const counts = (): void => {
            body.set(sum, f32.add(sum, f32.sub(f32.load(stepLoss), f32.load(elementAt(from, target)))));
            body.set(right, i32.add(right, emitIsFirstLargest(body, from, width, elementAt(from, target))));
            if (gradient) emitGradient(body, to, width, elementAt(to, target), factor);
          };
          const doesNot = (): void => {
            if (gradient) body.emit(memory.fill(to, i32.const(0), i32.const(4 * width)));
          };
          body.if(f32.ge(f32.load(target), f32.const(0)), counts, doesNot);
          for (const pointer of [from, to]) body.advance(pointer, 4 * width);
          for (const pointer of [target, stepLoss]) body.advance(pointer, 4);
        });
      });
      body.emit(f32.store(lossTo, f32.mul(sum, inverse(counted))));
      const share = f64.div(f64.convert_i32_u(right), f64.convert_i32_u(counted));
      body.emit(f32.store(correctTo, f32.demote_f64(share)));
      for (const pointer of [lossTo, correctTo]) body.advance(pointer, 4);
    });
  });
  f.call(run, rows, batchRows);
}

/** Steps of the row at `targets` whose target is a class; 1 where there is none, to be divided by. */
function emitStepsThatCount(f: FunctionBuilder, targets: I32, steps: number): Local<"i32"> {
  const [at, count] = [f.local("i32", targets), f.local("i32", i32.const(0))];
  f.countDown(f.local("i32", i32.const(steps)), () => {
    f.set(count, i32.add(count, f32.ge(f32.load(at), f32.const(0))));
    f.advance(at, 4);
  });
  f.if(i32.eqz(count), () => f.set(count, i32.const(1)));
  return count;
}

/** 1/n */
function inverse(n: I32): F32 {
  return f32.demote_f64(f64.div(f64.const(1), f64.convert_i32_u(n)));
}

/** Turns the probabilities of a step into their gradient (p − onehot)·scale. */
function emitGradient(f: FunctionBuilder, row: Local<"i32">, width: number, target: I32, scale: Local<"f32">): void {
  const at = f.local("i32", target);
  const miss = f.local("f32", f32.mul(f32.sub(f32.load(at), f32.const(1)), scale));
  emitElementLoop(f, {
    count: i32.const(width),
    inputs: [row],
    outputs: [row],
    uniforms: [scale],
    compute: (_f, [p], [factor]) => [f32x4.mul(p, factor)],
  });
  f.emit(f32.store(at, miss));
}

/** Address of the element of the row at `row` whose index stands, as a float, at `index`. */
function elementAt(row: I32, index: I32): I32 {
  return i32.add(row, i32.shl(i32.trunc_sat_f32_s(f32.load(index)), i32.const(2)));
}

/** At most so many numbers are worked on together, so that they stay in L1 for all passes. */
const BLOCK_ELEMENTS = 2048;
const MOST_ROWS = 64;

/** The function (rows, x, y) */
function softmaxFunction(module: ModuleBuilder, width: number, scratch: number): FunctionBuilder {
  return module.shared(`softmax ${width}`, ["i32", "i32", "i32"], (f) => {
    const [left, x, y] = [0, 1, 2].map((position) => f.parameter(position, "i32"));
    emitBlocks(f, left, width, (rows) => {
      emitSoftmax(f, { rows, x, y, width, scratch });
      for (const pointer of [x, y]) f.advance(pointer, i32.mul(rows, i32.const(4 * width)));
    });
  });
}

/** The function (rows, z, p, t, loss) */
function crossEntropyFunction(module: ModuleBuilder, width: number, scratch: number): FunctionBuilder {
  return module.shared(`softmax_cross_entropy ${width}`, ["i32", "i32", "i32", "i32", "i32"], (f) => {
    const [left, z, p, t, loss] = [0, 1, 2, 3, 4].map((position) => f.parameter(position, "i32"));
    emitBlocks(f, left, width, (rows) => {
      emitSoftmax(f, { rows, x: z, y: p, width, scratch });
      emitLogarithms(f, rows, scratch, loss);
      f.countDown(rows, () => {
        f.emit(f32.store(loss, f32.sub(f32.load(loss), f32.load(elementAt(z, t)))));
        for (const pointer of [z, p]) f.advance(pointer, 4 * width);
        for (const pointer of [t, loss]) f.advance(pointer, 4);
      });
    });
  });
}

/** m + log s of each row of a block, from where `emitSoftmax` left them. */
function emitLogarithms(f: FunctionBuilder, rows: I32, scratch: number, to: I32): void {
  emitElementLoop(f, {
    count: rows,
    inputs: [i32.const(scratch), i32.const(scratch + SUMS)],
    outputs: [to],
    compute: (body, [maximum, sum]) => [f32x4.add(maximum, logarithm(body, sum))],
  });
}

/** Emits a loop over blocks of rows; `left` holds the number of all rows and is used up. */
function emitBlocks(f: FunctionBuilder, left: Local<"i32">, width: number, emit: (rows: Local<"i32">) => void): void {
  const most = i32.const(Math.max(1, Math.min(MOST_ROWS, Math.floor(BLOCK_ELEMENTS / width))));
  const [rows, rest] = [f.local("i32"), f.local("i32")];
  f.doWhile(
    () => {
      f.set(rows, select(most, left, i32.gt_u(left, most)));
      f.set(rest, i32.sub(left, rows));
      emit(rows);
    },
    f.tee(left, rest),
  );
}

/** Where the sums of the rows stand in scratch memory, after the maxima. */
const SUMS = 4 * MOST_ROWS;
const RESULT_BYTES = 2 * SUMS;
const LOSS_BYTES = 4 * MOST_ROWS;

interface SoftmaxBlock {
  readonly rows: Local<"i32">;
  readonly x: Local<"i32">;
  readonly y: Local<"i32">;
  readonly width: number;
  readonly scratch: number;
}

/** Writes the softmax of a block of rows; leaves the maximum and the sum of each in scratch memory. The exponentials are
 * taken of all rows in one pass: rows are often too narrow to fill vectors. */
function emitSoftmax(f: FunctionBuilder, { rows, x, y, width, scratch }: SoftmaxBlock): void {
  const columns = i32.const(width);
  const [left, from, to, results] = [f.local("i32"), f.local("i32"), f.local("i32"), f.local("i32")];
  const eachRow = (emit: () => void): void => {
    f.set(left, rows);
    f.set(from, x);
    f.set(to, y);
    f.set(results, i32.const(scratch));
    f.countDown(left, () => {
      emit();
      for (const pointer of [from, to]) f.advance(pointer, 4 * width);
      f.advance(results, 4);
    });
  };

  eachRow(() => {
    const maximum = emitMaximum(f, from, width);
    f.emit(f32.store(results, maximum));
    emitElementLoop(f, {
      count: columns,
      inputs: [from],
      outputs: [to],
      uniforms: [maximum],
      compute: (_f, [value], [m]) => [f32x4.sub(value, m)],
    });
  });
  emitElementLoop(f, {
    count: i32.mul(rows, columns),
    inputs: [y],
    outputs: [y],
    compute: (body, [difference]) => [exponential(body, difference)],
  });
  eachRow(() => {
    const sum = emitInterleavedSum(f, to, width);
    f.emit(f32.store(results, sum, SUMS));
    emitElementLoop(f, {
      count: columns,
      inputs: [to],
      outputs: [to],
      uniforms: [sum],
      compute: (_f, [power], [s]) => [f32x4.div(power, s)],
    });
  });
}
