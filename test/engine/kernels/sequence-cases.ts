// Cases of the operations on sequences; the fields are explained in operation-cases.ts. A batch has 1 to 4 steps.
import type { Tensor } from "../../../src/engine/tensor.ts";
import { fixedTensor, rowTensor } from "../../../src/engine/tensor.ts";
import type { Extents, OperationCase } from "./operation-cases.ts";
import { RECURRENCE_CASES } from "./recurrence-cases.ts";

const stepsOf = ({ m }: Extents): number => 1 + (m % 4);
const sequence = (name: string, width: number, e: Extents): Tensor => rowTensor(name, [stepsOf(e), width], e.capacity);

export const SEQUENCE_CASES: readonly OperationCase[] = [
  ...(["ctc", "ctc_gradient"] as const).map((kind): OperationCase => {
    return {
      name: kind,
      agreement: "exact",
      // All steps count, and there are labels in any number of outputs.
      indices: ["t"],
      indexLimit: 1,
      make: (e) => {
        const [z, t] = [sequence("z", e.n, e), rowTensor("t", [3], e.capacity)];
        const results = { loss: rowTensor("loss", [1], e.capacity), correct: rowTensor("correct", [1], e.capacity) };
        if (kind === "ctc") return { kind, z, t, ...results };
        return { kind, z, t, ...results, dz: sequence("dz", e.n, e), alpha: fixedTensor("alpha", [stepsOf(e), 5]) };
      },
    };
  }),
  {
    name: "embed",
    agreement: "exact",
    indices: ["indices"],
    make: (e) => ({
      kind: "embed",
      indices: rowTensor("indices", [stepsOf(e) + 3], e.capacity),
      first: 2,
      E: fixedTensor("E", [e.n, e.m]),
      y: sequence("y", e.m, e),
    }),
  },
  {
    name: "embed_backward",
    agreement: "exact",
    indices: ["indices"],
    make: (e) => ({
      kind: "embed_backward",
      indices: rowTensor("indices", [stepsOf(e) + 3], e.capacity),
      first: 2,
      dy: sequence("dy", e.m, e),
      dE: fixedTensor("dE", [e.n, e.m]),
    }),
  },
  ...["additive_scores", "additive_scores_backward"].map((kind): OperationCase => {
    return {
      name: kind,
      agreement: "exact",
      make: (e) => {
        const [pairs, queries, keys] = [
          [stepsOf(e), 3],
          [stepsOf(e), e.n],
          [3, e.n],
        ];
        const row = (name: string, shape: number[]): Tensor => rowTensor(name, shape, e.capacity);
        const given = { q: row("q", queries), k: row("k", keys), v: fixedTensor("v", [e.n]) };
        if (kind === "additive_scores") return { kind, ...given, s: row("s", pairs) };
        const gradients = { dq: row("dq", queries), dk: row("dk", keys), dv: fixedTensor("dv", [e.n]) };
        return { kind: "additive_scores_backward", ...given, ds: row("ds", pairs), ...gradients };
      },
    };
  }),
  {
    name: "mask_padding",
    agreement: "exact",
    indices: ["tokens"],
    make: (e) => ({
      kind: "mask_padding",
      tokens: rowTensor("tokens", [e.n + 3], e.capacity),
      first: 2,
      x: sequence("x", e.n, e),
    }),
  },
  ...(["concatenate", "split"] as const).map((kind): OperationCase => ({
    name: kind,
    agreement: "exact",
    make: (e) => ({
      kind,
      parts: [sequence("a", e.m, e), sequence("b", e.n, e), sequence("c", 1, e)],
      y: sequence("y", e.m + e.n + 1, e),
    }),
  })),
  {
    name: "reverse_steps",
    agreement: "exact",
    make: (e) => ({ kind: "reverse_steps", x: sequence("x", e.n, e), y: sequence("y", e.n, e) }),
  },
  ...[true, false].flatMap((accumulate) => batchedProducts(accumulate)),
  {
    name: "layer_norm",
    agreement: "exact",
    make: (e) => ({
      kind: "layer_norm",
      x: sequence("x", e.n, e),
      gamma: fixedTensor("gamma", [e.n]),
      beta: fixedTensor("beta", [e.n]),
      mean: rowTensor("mean", [stepsOf(e)], e.capacity),
      inverse: rowTensor("inverse", [stepsOf(e)], e.capacity),
      y: sequence("y", e.n, e),
      epsilon: 1e-5,
    }),
  },
  {
    name: "layer_norm_backward",
    agreement: "exact",
    make: (e) => ({
      kind: "layer_norm_backward",
      x: sequence("x", e.n, e),
      gamma: fixedTensor("gamma", [e.n]),
      mean: rowTensor("mean", [stepsOf(e)], e.capacity),
      inverse: rowTensor("inverse", [stepsOf(e)], e.capacity),
      dy: sequence("dy", e.n, e),
      dgamma: fixedTensor("dgamma", [e.n]),
      dbeta: fixedTensor("dbeta", [e.n]),
      dx: sequence("dx", e.n, e),
    }),
  },
  {
    name: "local_response_norm",
    agreement: "exact",
    make: (e) => ({ kind: "local_response_norm", ...localResponse(e) }),
  },
  {
    name: "local_response_norm_backward",
    agreement: "exact",
    // 1 and more, as the sums are in training.
    nonNegative: ["s"],
    make: (e) => ({
      kind: "local_response_norm_backward",
      ...localResponse(e),
      dy: sequence("dy", e.n, e),
      dx: sequence("dx", e.n, e),
    }),
  },
  {
    name: "softmax of sequences",
    agreement: "exact",
    make: (e) => ({ kind: "softmax", x: sequence("x", e.n, e), y: sequence("y", e.n, e) }),
  },
  {
    name: "softmax_cross_entropy of sequences",
    agreement: "exact",
    indices: ["t"],
    lowestIndex: -1,
    make: (e) => ({
      kind: "softmax_cross_entropy",
      z: sequence("z", e.n, e),
      t: rowTensor("t", [stepsOf(e)], e.capacity),
      p: sequence("p", e.n, e),
      loss: rowTensor("loss", [1], e.capacity),
      correct: rowTensor("correct", [1], e.capacity),
    }),
  },
  ...[false, true].map((inPlace): OperationCase => ({
    name: `softmax_cross_entropy_gradient${inPlace ? " over the logits" : ""}`,
    agreement: "exact",
    indices: ["t"],
    lowestIndex: -1,
    make(e) {
      const z = sequence("z", e.n, e);
      return {
        kind: "softmax_cross_entropy_gradient",
        z,
        t: rowTensor("t", [stepsOf(e)], e.capacity),
        dz: inPlace ? z : sequence("dz", e.n, e),
        loss: rowTensor("loss", [1], e.capacity),
        correct: rowTensor("correct", [1], e.capacity),
      };
    },
  })),
  {
    name: "softmax_cross_entropy_backward of sequences",
    agreement: "exact",
    indices: ["t"],
    make: (e) => ({
      kind: "softmax_cross_entropy_backward",
      p: sequence("p", e.n, e),
      t: rowTensor("t", [stepsOf(e)], e.capacity),
      dz: sequence("dz", e.n, e),
    }),
  },
  {
    name: "smooth_classes of sequences",
    agreement: "exact",
    indices: ["t"],
    lowestIndex: -1,
    make: (e) => ({
      kind: "smooth_classes",
      z: sequence("z", e.n, e),
      t: rowTensor("t", [stepsOf(e)], e.capacity),
      loss: rowTensor("loss", [1], e.capacity),
      dz: sequence("dz", e.n, e),
      amount: 0.1,
    }),
  },
  ...RECURRENCE_CASES,
];

/** Sums over one channel up to six, of n. */
function localResponse(e: Extents) {
  const [x, s, y] = ["x", "s", "y"].map((name) => sequence(name, e.n, e));
  return { x, s, y, size: 1 + (e.m % 6), alpha: 0.3, beta: 0.75, k: 1 };
}

/** (steps,m)·(m,n), and with either factor transposed. */
function batchedProducts(accumulate: boolean): OperationCase[] {
  const matrix = (name: string, rows: number, columns: number, e: Extents): Tensor =>
    rowTensor(name, [rows, columns], e.capacity);
  const factors: Readonly<Record<string, (e: Extents) => { readonly a: Tensor; readonly b: Tensor }>> = {
    batched_nn: (e) => ({ a: matrix("a", stepsOf(e), e.m, e), b: matrix("b", e.m, e.n, e) }),
    batched_tn: (e) => ({ a: matrix("a", e.m, stepsOf(e), e), b: matrix("b", e.m, e.n, e) }),
    batched_nt: (e) => ({ a: matrix("a", stepsOf(e), e.m, e), b: matrix("b", e.n, e.m, e) }),
  };
  return Object.entries(factors).map(([kind, make]): OperationCase => ({
    name: `${kind}${accumulate ? ", added" : ""}`,
    agreement: "sums",
    make: (e) => ({ kind: kind as "batched_nn", ...make(e), c: matrix("c", stepsOf(e), e.n, e), accumulate }),
  }));
}
