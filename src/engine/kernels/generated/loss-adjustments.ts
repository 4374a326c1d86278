// What a training adds to a loss that is written already; formulas and order of operations of
// reference/loss-adjustments.ts, row by row, columns in vectors.
import { f32, f32x4, i32 } from "../wasm/instructions.ts";
import { counts, emitStepsThatCount } from "./cross-entropy.ts";
import { emitElementLoop } from "./element-loop.ts";
import type { Emitters } from "./emission.ts";
import { reciprocal } from "./losses.ts";
import { emitInterleavedSum, emitInterleavedSums } from "./row-sums.ts";

const [ZERO, HALF] = [f32.const(0), f32x4.const(0.5)];

export const LOSS_ADJUSTMENT_EMITTERS: Emitters<"smooth_classes" | "smooth_values" | "weight_rows"> = {
  smooth_classes({ z, t, loss, dz, amount }, { module, f, rows, batchRows, address }) {
    const steps = t.rowSize;
    const width = z.rowSize / steps;
    const key = `smooth_classes ${steps} ${width} ${amount}`;
    const run = module.shared(key, ["i32", "i32", "i32", "i32", "i32", "i32"], (body) => {
      const [left, batch, from, target, to, result] = [0, 1, 2, 3, 4, 5].map((at) => body.parameter(at, "i32"));
      const [step, class_] = [body.local("i32"), body.local("i32")];
      const [sum, inverse, others] = [body.local("f32"), body.local("f32"), body.local("f32")];
      const [scale, toTarget] = [body.local("f32"), body.local("f32")];
      body.countDown(left, () => {
        const counted = emitStepsThatCount(body, target, steps);
        body.set(inverse, reciprocal(counted));
        body.set(scale, reciprocal(i32.mul(batch, counted)));
        body.set(others, f32.mul(f32.const(amount / width), scale));
        body.set(toTarget, f32.mul(f32.const(amount), scale));
        body.set(sum, ZERO);
        body.set(step, i32.const(steps));
        body.set(class_, target);
        body.countDown(step, () => {
          body.if(counts(class_), () => {
            const offset = body.local("i32", i32.shl(i32.trunc_sat_f32_s(f32.load(class_)), i32.const(2)));
            const mean = f32.mul(emitInterleavedSum(body, from, width), f32.const(1 / width));
            body.set(sum, f32.add(sum, f32.sub(f32.load(i32.add(from, offset)), mean)));
            emitElementLoop(body, {
              count: i32.const(width),
              inputs: [to],
              outputs: [to],
              uniforms: [others],
              compute: (_f, [d], [shift]) => [f32x4.sub(d, shift)],
            });
            const at = body.local("i32", i32.add(to, offset));
            body.emit(f32.store(at, f32.add(f32.load(at), toTarget)));
          });
          for (const pointer of [from, to]) body.advance(pointer, 4 * width);
          body.advance(class_, 4);
        });
        const added = f32.mul(f32.const(amount), f32.mul(sum, inverse));
        body.emit(f32.store(result, f32.add(f32.load(result), added)));
        body.advance(target, 4 * steps);
        body.advance(result, 4);
      });
    });
    f.call(run, rows, batchRows, address(z), address(t), address(dz), address(loss));
  },

  smooth_values({ z, t, loss, dz, amount }, { module, f, rows, batchCount, address }) {
    const width = z.rowSize;
    const parameters = ["i32", "i32", "i32", "i32", "i32", "f32"] as const;
    const run = module.shared(`smooth_values ${width} ${amount}`, parameters, (body) => {
      const [left, from, target, to, result] = [0, 1, 2, 3, 4].map((at) => body.parameter(at, "i32"));
      const scale = body.parameter(5, "f32");
      body.countDown(left, () => {
        const [sum] = emitInterleavedSums(body, [from, target], width, [
          ([logit, truth]) => f32x4.mul(logit, f32x4.sub(truth, HALF)),
        ]);
        emitElementLoop(body, {
          count: i32.const(width),
          inputs: [to, target],
          outputs: [to],
          uniforms: [scale],
          compute: (_f, [d, truth], [factor]) => [f32x4.add(d, f32x4.mul(f32x4.sub(truth, HALF), factor))],
        });
        body.emit(f32.store(result, f32.add(f32.load(result), f32.mul(f32.const(amount / width), sum))));
        for (const pointer of [from, target, to]) body.advance(pointer, 4 * width);
        body.advance(result, 4);
      });
    });
    const scale = f32.mul(f32.const(amount), reciprocal(batchCount(z)));
    f.call(run, rows, address(z), address(t), address(dz), address(loss), scale);
  },

  weight_rows({ weights, loss, dz }, { module, f, rows, address }) {
    const width = dz.rowSize;
    const run = module.shared(`weight_rows ${width}`, ["i32", "i32", "i32", "i32"], (body) => {
      const [left, weight, result, to] = [0, 1, 2, 3].map((at) => body.parameter(at, "i32"));
      const factor = body.local("f32");
      body.countDown(left, () => {
        body.set(factor, f32.load(weight));
        body.emit(f32.store(result, f32.mul(f32.load(result), factor)));
        emitElementLoop(body, {
          count: i32.const(width),
          inputs: [to],
          outputs: [to],
          uniforms: [factor],
          compute: (_f, [d], [w]) => [f32x4.mul(d, w)],
        });
        for (const pointer of [weight, result]) body.advance(pointer, 4);
        body.advance(to, 4 * width);
      });
    });
    f.call(run, rows, address(weights), address(loss), address(dz));
  },
};
