// Connectionist temporal classification, fused with softmax. Graves, Fernández, Gomez & Schmidhuber, 2006.
// z, p (B,T,n): class 0 is the blank      t (B,1+S): steps that count (0: all T), then labels from 1 on, −1 behind them
// value     L = −(1/B)·Σ_B ln p(labels | z) / max(1, labels)      over all paths that stand for the labels
// gradient  dz = (p − share of each class in these paths, weighted by what they are likely) / (B·labels)
// As every loss of sequences, a row's is the mean over what it has to say: here, over its labels.
import type { LossDefinition } from "./loss.ts";
import type { LossTensors } from "./loss.ts";
import type { Operation } from "../operations.ts";
import type { Tensor } from "../tensor.ts";

const valueAndGradient = ({ z, t, loss, correct, alpha }: LossTensors, dz: Tensor): readonly Operation[] => [
  { kind: "softmax", x: z, y: dz },
  { kind: "ctc_gradient", z, t, dz, loss, correct: correct!, alpha: alpha! },
];

export const ctc: LossDefinition = {
  targets: "labels",
  fuses: "softmax",
  reduction: "mean",
  value: ({ z, t, p, loss, correct }) => [
    { kind: "softmax", x: z, y: p },
    { kind: "ctc", z, t, loss, correct: correct! },
  ],
  gradient: valueAndGradient,
  both: valueAndGradient,
};
