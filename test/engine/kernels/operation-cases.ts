// One case per kind of operation and variant: how to make it for given extents, and how close to the reference it must be.
import type { Operation } from "../../../src/engine/operations.ts";
import type { ElementFunction } from "../../../src/engine/operations/activations.ts";
import type { Tensor } from "../../../src/engine/tensor.ts";
import { fixedTensor, rowTensor } from "../../../src/engine/tensor.ts";
import { LOSS_CASES } from "./loss-cases.ts";
import { SEQUENCE_CASES } from "./sequence-cases.ts";

/** rows ≤ capacity; the other two are extents of the tensors. */
export interface Extents {
  readonly rows: number;
  readonly capacity: number;
  readonly m: number;
  readonly n: number;
}

export interface OperationCase {
  readonly name: string;
  readonly make: (extents: Extents) => Operation;
  /** exact: the bits of the reference on every tier. sums: on tiers without fused multiply-add. */
  readonly agreement: "exact" | "sums";
  /** Tensors that hold a class index below n, or what an optimizer squares and roots. */
  readonly indices?: readonly string[];
  /** Default 0; −1 stands for a step that does not count. */
  readonly lowestIndex?: number;
  /** Default n. */
  readonly indexLimit?: number;
  readonly nonNegative?: readonly string[];
  /** Tensors with numbers in (−¼, ¼), so that nothing grows from step to step; the others reach ±3. */
  readonly bounded?: readonly string[];
}

const rows = (name: string, width: number, { capacity }: Extents): Tensor => rowTensor(name, [width], capacity);

const ELEMENT_FUNCTIONS: readonly ElementFunction[] = ["relu", "leaky_relu", "tanh", "sigmoid", "gelu", "threshold"];

export const OPERATION_CASES: readonly OperationCase[] = [
  {
    name: "gemm_nn",
    agreement: "sums",
    make: (e) => ({ kind: "gemm_nn", a: rows("a", e.m, e), b: fixedTensor("b", [e.m, e.n]), c: rows("c", e.n, e) }),
  },
  {
    name: "gemm_nn with a bias",
    agreement: "sums",
    make: (e) => ({
      kind: "gemm_nn",
      a: rows("a", e.m, e),
      b: fixedTensor("b", [e.m, e.n]),
      c: rows("c", e.n, e),
      bias: fixedTensor("bias", [e.n]),
    }),
  },
  {
    name: "gemm_tn",
    agreement: "sums",
    make: (e) => ({ kind: "gemm_tn", a: rows("a", e.m, e), b: rows("b", e.n, e), c: fixedTensor("c", [e.m, e.n]) }),
  },
  {
    name: "gemm_tn with sums",
    agreement: "sums",
    make: (e) => ({
      kind: "gemm_tn",
      a: rows("a", e.m, e),
      b: rows("b", e.n, e),
      c: fixedTensor("c", [e.m, e.n]),
      sum: fixedTensor("sum", [e.n]),
    }),
  },
  {
    name: "gemm_nt",
    agreement: "sums",
    make: (e) => ({ kind: "gemm_nt", a: rows("a", e.n, e), b: fixedTensor("b", [e.m, e.n]), c: rows("c", e.m, e) }),
  },
  {
    name: "sum_rows",
    agreement: "exact",
    make: (e) => ({ kind: "sum_rows", x: rows("x", e.n, e), sum: fixedTensor("sum", [e.n]) }),
  },
  {
    name: "clear",
    agreement: "exact",
    make: (e) => ({ kind: "clear", tensors: [fixedTensor("x", [e.m, e.n]), fixedTensor("y", [e.n])] }),
  },
  { name: "copy", agreement: "exact", make: (e) => ({ kind: "copy", x: rows("x", e.n, e), y: rows("y", e.n, e) }) },
  {
    name: "add",
    agreement: "exact",
    make: (e) => ({ kind: "add", a: rows("a", e.n, e), b: rows("b", e.n, e), c: rows("c", e.n, e) }),
  },
  {
    name: "multiply",
    agreement: "exact",
    make: (e) => ({ kind: "multiply", a: rows("a", e.n, e), b: rows("b", e.n, e), c: rows("c", e.n, e) }),
  },
  {
    name: "add_row",
    agreement: "exact",
    make: (e) => ({ kind: "add_row", x: rows("x", e.n, e), row: fixedTensor("row", [e.n]), y: rows("y", e.n, e) }),
  },
  {
    name: "scale",
    agreement: "exact",
    make: (e) => ({ kind: "scale", x: rows("x", e.n, e), factor: 1 / 3 }),
  },
  ...ELEMENT_FUNCTIONS.flatMap((name): OperationCase[] => [
    {
      name: `activate ${name}`,
      agreement: "exact",
      make: (e) => ({ kind: "activate", function: name, x: rows("x", e.n, e), y: rows("y", e.n, e) }),
    },
    {
      name: `activate_backward ${name}`,
      agreement: "exact",
      make: (e) => ({
        kind: "activate_backward",
        function: name,
        x: rows("x", e.n, e),
        y: rows("y", e.n, e),
        dy: rows("dy", e.n, e),
        dx: rows("dx", e.n, e),
      }),
    },
  ]),
  {
    name: "softmax",
    agreement: "exact",
    make: (e) => ({ kind: "softmax", x: rows("x", e.n, e), y: rows("y", e.n, e) }),
  },
  {
    name: "softmax_backward",
    agreement: "exact",
    make: (e) => ({ kind: "softmax_backward", y: rows("y", e.n, e), dy: rows("dy", e.n, e), dx: rows("dx", e.n, e) }),
  },
  {
    name: "multiply_channels",
    agreement: "exact",
    make: (e) => ({
      kind: "multiply_channels",
      x: rowTensor("x", [1 + (e.m % 4), e.n], e.capacity),
      factors: rows("factors", e.n, e),
      y: rowTensor("y", [1 + (e.m % 4), e.n], e.capacity),
    }),
  },
  {
    name: "draw_mask",
    agreement: "exact",
    make: (e) => ({ kind: "draw_mask", mask: rows("mask", e.n, e), rate: 0.3, stream: e.m }),
  },
  ...[0.25, 0.5, 0.999].map((rate): OperationCase => ({
    name: `dropout ${rate}`,
    agreement: "exact",
    make: (e) => ({
      kind: "dropout",
      x: rows("x", e.n, e),
      mask: rows("mask", e.n, e),
      y: rows("y", e.n, e),
      rate,
      stream: e.m,
    }),
  })),
  ...LOSS_CASES,
  {
    name: "average",
    agreement: "exact",
    make: (e) => ({
      kind: "average",
      parameter: fixedTensor("theta", [e.m, e.n]),
      average: fixedTensor("average", [e.m, e.n]),
      decay: 0.99,
    }),
  },
  ...["clip_norm", "clip_value"].map((kind): OperationCase => ({
    name: kind,
    agreement: "exact",
    make: (e) => ({
      kind: kind as "clip_norm",
      gradients: [fixedTensor("g", [e.m, e.n]), fixedTensor("h", [e.n])],
      maximum: 0.7,
    }),
  })),
  {
    name: "gradient_norm",
    agreement: "exact",
    make: (e) => ({
      kind: "gradient_norm",
      gradients: [fixedTensor("g", [e.m, e.n]), fixedTensor("h", [e.n])],
      norm: fixedTensor("norm", [1]),
    }),
  },
  {
    name: "mark_active",
    agreement: "exact",
    make: (e) => ({ kind: "mark_active", y: rows("y", 2 * e.n, e), active: fixedTensor("active", [e.n]) }),
  },
  ...SEQUENCE_CASES,
  ...[0, 0.01].flatMap((weightDecay) => optimizerCases(weightDecay)),
];

function optimizerCases(weightDecay: number): OperationCase[] {
  const tensor = (name: string, e: Extents): Tensor => fixedTensor(name, [e.m, e.n]);
  const both = (e: Extents) => ({ parameter: tensor("theta", e), gradient: tensor("g", e) });
  const decay = `weight decay ${weightDecay}`;
  return [
    {
      name: `sgd, ${decay}`,
      agreement: "exact",
      make: (e) => ({ kind: "sgd", ...both(e), velocity: null, momentum: 0, nesterov: false, weightDecay }),
    },
    ...[false, true].map((nesterov): OperationCase => ({
      name: `sgd with ${nesterov ? "nesterov " : ""}momentum, ${decay}`,
      agreement: "exact",
      make: (e) => ({ kind: "sgd", ...both(e), velocity: tensor("v", e), momentum: 0.9, nesterov, weightDecay }),
    })),
    ...[false, true].map((decoupled): OperationCase => ({
      name: `adam${decoupled ? "w" : ""}, ${decay}`,
      agreement: "exact",
      nonNegative: ["v"],
      make: (e) => ({
        kind: "adam",
        ...both(e),
        m: tensor("m", e),
        v: tensor("v", e),
        beta1: 0.9,
        beta2: 0.999,
        epsilon: 1e-8,
        weightDecay,
        decoupled,
      }),
    })),
    ...[false, true].map((moving): OperationCase => ({
      name: `rmsprop${moving ? " with momentum" : ""}, ${decay}`,
      agreement: "exact",
      nonNegative: ["v"],
      make: (e) => ({
        kind: "rmsprop",
        ...both(e),
        v: tensor("v", e),
        velocity: moving ? tensor("b", e) : null,
        alpha: 0.99,
        epsilon: 1e-6,
        momentum: moving ? 0.9 : 0,
        weightDecay,
      }),
    })),
    {
      name: `adagrad, ${decay}`,
      agreement: "exact",
      nonNegative: ["sum"],
      make: (e) => ({ kind: "adagrad", ...both(e), sum: tensor("sum", e), epsilon: 1e-6, weightDecay }),
    },
  ];
}
