// Scores of additive attention; formulas and order of operations of reference/additive-scores.ts. Loops: row, query, key,
// and for each such pair one pass over the A numbers of both. Multiplies and adds in separate instructions on every tier,
// as most of the time is tanh's: the bits are the reference's.
import type { Tensor } from "../../tensor.ts";
import type { FunctionBuilder, Local } from "../wasm/function-builder.ts";
import { f32, f32x4, i32, memory } from "../wasm/instructions.ts";
import { emitElementLoop } from "./element-loop.ts";
import type { Emission, Emitters } from "./emission.ts";
import { tanhSlope } from "./recurrence.ts";
import { emitInterleavedSums } from "./row-sums.ts";
import { hyperbolicTangent } from "./transcendental.ts";

const { add, mul } = f32x4;

export const ADDITIVE_SCORE_EMITTERS: Emitters<"additive_scores" | "additive_scores_backward"> = {
  additive_scores({ q, k, v, s }, emission) {
    const weights = emission.address(v);
    emitPairs(emission, { queries: [q], keys: [k], scores: s }, (body, [query], [key], score) => {
      const [sum] = emitInterleavedSums(body, [query, key, weights], v.rowSize, [
        ([a, b, weight]) => mul(weight, hyperbolicTangent(body, add(a, b))),
      ]);
      body.emit(f32.store(score, sum));
    });
  },

  additive_scores_backward({ q, k, v, ds, dq, dk, dv }, emission) {
    const { f, address, count } = emission;
    for (const sum of [dq, dk]) f.emit(memory.fill(address(sum), i32.const(0), i32.shl(count(sum), i32.const(2))));
    const [weights, dweights] = [address(v), address(dv)];
    const tensors = { queries: [q, dq], keys: [k, dk], scores: ds };
    emitPairs(emission, tensors, (body, [query, dquery], [key, dkey], score) =>
      emitElementLoop(body, {
        count: i32.const(v.rowSize),
        inputs: [query, key, weights, dquery, dkey, dweights],
        outputs: [dquery, dkey, dweights],
        uniforms: [f32.load(score)],
        compute(inner, [a, b, weight, da, db, dweight], [gradient]) {
          const y = hyperbolicTangent(inner, add(a, b));
          const g = inner.local("v128", mul(mul(gradient, weight), tanhSlope(y)));
          return [add(da, g), add(db, g), add(dweight, mul(gradient, y))];
        },
      }),
    );
  },
};

type Place = Local<"i32">;

/** Emits a call that visits, row by row, every query with every key and the place of their score. */
function emitPairs(
  { module, f, rows, address }: Emission,
  { queries, keys, scores }: { queries: readonly Tensor[]; keys: readonly Tensor[]; scores: Tensor },
  visit: (body: FunctionBuilder, queries: readonly Place[], keys: readonly Place[], score: Place) => void,
): void {
  const [steps, count] = scores.shape;
  const [queryBytes, keyBytes] = [queries[0], keys[0]].map(({ shape }) => 4 * shape[1]);
  const run = module.function(["i32"], (body) => {
    const placesOf = (tensors: readonly Tensor[]): Place[] =>
      tensors.map((tensor) => body.local("i32", address(tensor)));
    const [queriesAt, keysAt, [score]] = [queries, keys, [scores]].map(placesOf);
    const [t, j] = [body.local("i32"), body.local("i32")];
    body.countDown(body.parameter(0, "i32"), () => {
      body.set(t, i32.const(steps));
      body.countDown(t, () => {
        body.set(j, i32.const(count));
        body.countDown(j, () => {
          visit(body, queriesAt, keysAt, score);
          for (const place of keysAt) body.advance(place, keyBytes);
          body.advance(score, 4);
        });
        // Every query of the row meets the same keys.
        for (const place of keysAt) body.advance(place, -count * keyBytes);
        for (const place of queriesAt) body.advance(place, queryBytes);
      });
      for (const place of keysAt) body.advance(place, count * keyBytes);
    });
  });
  f.call(run, rows);
}
