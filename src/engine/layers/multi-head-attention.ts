// Multi-head self-attention: each step asks all steps, in h ways at once. Vaswani et al., 2017.
// forward   [Q K V] = x·W + b       x (B,T,n)  W (n,3n)  b (3n), each of Q, K, V cut into h heads of d = n/h columns
//           of each head   S = Q·Kᵀ/√d    A = softmax(S) in each row    O = A·V          S, A (B,T,T)  O (B,T,d)
//           y = [O_1 … O_h]·Wo + bo                                                      Wo (n,n)  bo (n)
// backward  dWo += [O]ᵀ·dy   dbo += Σ dy   [dO] = dy·Woᵀ
//           of each head   dA = dO·Vᵀ   dV = Aᵀ·dO   dS = A ⊙ (dA − Σ dA·A)/√d   dQ = dS·K   dK = dSᵀ·Q
//           dW += xᵀ·[dQ dK dV]   db += Σ [dQ dK dV]   dx = [dQ dK dV]·Wᵀ
import { EngineError } from "../engine-error.ts";
import type { Operation } from "../operations.ts";
import { addTransposedTimes, matrixMultiply, timesTransposed } from "../operations/products.ts";
import { requireInteger } from "../requirements.ts";
import type { Tensor } from "../tensor.ts";
import type { LayerDefinition, Scope, Signal } from "./layer.ts";
import { sequenceShape } from "./recurrent.ts";

export interface MultiHeadAttentionSpec {
  readonly type: "multi_head_attention";
  /** Divides the numbers of a step. */
  readonly heads: number;
}

export const multiHeadAttention: LayerDefinition<MultiHeadAttentionSpec> = {
  plan({ heads }, scope, x) {
    const [steps, n] = headShape(heads, x, scope);
    const W = scope.parameter("weights", [n, 3 * n], "glorot_uniform", n, n);
    const b = scope.parameter("bias", [3 * n], "zeros", n, n);
    const Wo = scope.parameter("output_weights", [n, n], "glorot_uniform", n, n);
    const bo = scope.parameter("output_bias", [n], "zeros", n, n);
    const [qkv, joined] = [scope.signal([steps, 3 * n], true), scope.signal([steps, n], true)];
    const y = scope.signal([steps, n], true);
    const [dy, dqkv, djoined] = [y.gradient!, qkv.gradient!, joined.gradient!];
    const planned = Array.from({ length: heads }, (_, head) => planHead(scope, head, steps, n / heads));
    const parts = (["q", "k", "v"] as const).flatMap((name) => planned.map((head) => head[name]));
    const outputs = planned.map(({ o }) => o);
    const values = (signals: readonly Signal[]): Tensor[] => signals.map(({ value }) => value);
    const gradients = (signals: readonly Signal[]): Tensor[] => signals.map(({ gradient }) => gradient!);

    return {
      output: y,
      parameters: [W, b, Wo, bo],
      forward: [
        matrixMultiply(x.value, W.value, qkv.value, b.value),
        { kind: "split", y: qkv.value, parts: values(parts) },
        ...planned.flatMap(({ forward }) => forward),
        { kind: "concatenate", parts: values(outputs), y: joined.value },
        matrixMultiply(joined.value, Wo.value, y.value, bo.value),
      ],
      backward: [
        addTransposedTimes(joined.value, dy, Wo.gradient, bo.gradient),
        timesTransposed(dy, Wo.value, djoined),
        { kind: "split", y: djoined, parts: gradients(outputs) },
        ...planned.flatMap(({ backward }) => backward),
        { kind: "concatenate", parts: gradients(parts), y: dqkv },
        addTransposedTimes(x.value, dqkv, W.gradient, b.gradient),
        ...(x.gradient === null ? [] : [timesTransposed(dqkv, W.value, x.gradient)]),
      ],
    };
  },
};

interface Head {
  readonly q: Signal;
  readonly k: Signal;
  readonly v: Signal;
  readonly o: Signal;
  readonly forward: readonly Operation[];
  readonly backward: readonly Operation[];
}

function planHead(scope: Scope, head: number, steps: number, d: number): Head {
  const [q, k, v, o] = Array.from({ length: 4 }, () => scope.signal([steps, d], true));
  const [S, A, dA, dS] = ["S", "A", "dA", "dS"].map((name) => scope.buffer(`${name} ${head}`, [steps, steps]));
  const factor = 1 / Math.sqrt(d);
  const dO = o.gradient!;
  return {
    q,
    k,
    v,
    o,
    forward: [
      { kind: "batched_nt", a: q.value, b: k.value, c: S, accumulate: false },
      { kind: "scale", x: S, factor },
      { kind: "softmax", x: S, y: A },
      { kind: "batched_nn", a: A, b: v.value, c: o.value, accumulate: false },
    ],
    backward: [
      { kind: "batched_nt", a: dO, b: v.value, c: dA, accumulate: false },
      { kind: "batched_tn", a: A, b: dO, c: v.gradient!, accumulate: false },
      { kind: "softmax_backward", y: A, dy: dA, dx: dS },
      { kind: "scale", x: dS, factor },
      { kind: "batched_nn", a: dS, b: k.value, c: q.gradient!, accumulate: false },
      { kind: "batched_tn", a: dS, b: q.value, c: k.gradient!, accumulate: false },
    ],
  };
}

/** Steps and numbers in each. Throws unless the heads divide the numbers. */
function headShape(heads: number, x: Signal, { layerName }: Scope): readonly [number, number] {
  requireInteger(layerName, "heads", heads, 1);
  const [steps, n] = sequenceShape("multi_head_attention", x.value.shape, layerName);
  if (n % heads === 0) return [steps, n];
  throw new EngineError("shape_mismatch", {
    op: "multi_head_attention",
    layer: layerName,
    expected: `steps of a multiple of ${heads} numbers, as many as heads`,
    got: String(n),
    hint: "Choose heads that divide the units of the layer before.",
  });
}
