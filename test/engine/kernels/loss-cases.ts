// The cases of losses, of one step: those of sequences stand in sequence-cases.ts.
import type { ErrorFunction } from "../../../src/engine/operations/losses.ts";
import type { Tensor } from "../../../src/engine/tensor.ts";
import { rowTensor } from "../../../src/engine/tensor.ts";
import type { Extents, OperationCase } from "./operation-cases.ts";

const rows = (name: string, width: number, { capacity }: Extents): Tensor => rowTensor(name, [width], capacity);

const ERROR_FUNCTIONS: readonly ErrorFunction[] = ["squared", "half_squared", "absolute", "huber"];

export const LOSS_CASES: readonly OperationCase[] = [
  {
    name: "softmax_cross_entropy",
    agreement: "exact",
    indices: ["t"],
    make: (e) => ({
      kind: "softmax_cross_entropy",
      z: rows("z", e.n, e),
      t: rows("t", 1, e),
      p: rows("p", e.n, e),
      loss: rows("loss", 1, e),
    }),
  },
  {
    name: "softmax_cross_entropy_backward",
    agreement: "exact",
    indices: ["t"],
    make: (e) => ({
      kind: "softmax_cross_entropy_backward",
      p: rows("p", e.n, e),
      t: rows("t", 1, e),
      dz: rows("dz", e.n, e),
    }),
  },
  {
    name: "sigmoid_cross_entropy",
    agreement: "exact",
    make: (e) => ({
      kind: "sigmoid_cross_entropy",
      z: rows("z", e.n, e),
      t: rows("t", e.n, e),
      p: rows("p", e.n, e),
      loss: rows("loss", 1, e),
    }),
  },
  {
    name: "sigmoid_cross_entropy_backward",
    agreement: "exact",
    make: (e) => ({
      kind: "sigmoid_cross_entropy_backward",
      p: rows("p", e.n, e),
      t: rows("t", e.n, e),
      dz: rows("dz", e.n, e),
    }),
  },
  ...ERROR_FUNCTIONS.flatMap((name) =>
    [true, false].flatMap((mean): OperationCase[] => [
      {
        name: `error_loss ${name} ${mean ? "mean" : "sum"}`,
        agreement: "exact",
        make: (e) => ({
          kind: "error_loss",
          function: name,
          mean,
          y: rows("y", e.n, e),
          t: rows("t", e.n, e),
          loss: rows("loss", 1, e),
        }),
      },
      {
        name: `error_loss_backward ${name} ${mean ? "mean" : "sum"}`,
        agreement: "exact",
        make: (e) => ({
          kind: "error_loss_backward",
          function: name,
          mean,
          y: rows("y", e.n, e),
          t: rows("t", e.n, e),
          dy: rows("dy", e.n, e),
        }),
      },
    ]),
  ),
  {
    name: "smooth_classes",
    agreement: "exact",
    indices: ["t"],
    make: (e) => ({
      kind: "smooth_classes",
      z: rows("z", e.n, e),
      t: rows("t", 1, e),
      loss: rows("loss", 1, e),
      dz: rows("dz", e.n, e),
      amount: 0.1,
    }),
  },
  {
    name: "smooth_values",
    agreement: "exact",
    make: (e) => ({
      kind: "smooth_values",
      z: rows("z", e.n, e),
      t: rows("t", e.n, e),
      loss: rows("loss", 1, e),
      dz: rows("dz", e.n, e),
      amount: 0.1,
    }),
  },
  {
    name: "mix_classes",
    agreement: "exact",
    indices: ["t", "partners"],
    make: (e) => ({
      kind: "mix_classes",
      z: rows("z", e.n, e),
      t: rows("t", 1, e),
      partners: rows("partners", 1, e),
      shares: rows("shares", 1, e),
      loss: rows("loss", 1, e),
      dz: rows("dz", e.n, e),
      amount: 0.9,
    }),
  },
  {
    name: "weight_rows",
    agreement: "exact",
    make: (e) => ({
      kind: "weight_rows",
      weights: rows("weights", 1, e),
      loss: rows("loss", 1, e),
      dz: rows("dz", e.n, e),
    }),
  },
  {
    name: "misclassification",
    agreement: "exact",
    make: (e) => ({
      kind: "misclassification",
      y: rows("y", e.n, e),
      t: rows("t", e.n, e),
      loss: rows("loss", 1, e),
    }),
  },
];
