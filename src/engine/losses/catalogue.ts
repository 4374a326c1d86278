// The closed table of losses: a new loss is one file and one row here.
import { binaryCrossEntropy } from "./binary-cross-entropy.ts";
import { crossEntropy } from "./cross-entropy.ts";
import { ctc } from "./ctc.ts";
import { halfSquaredError } from "./half-squared-error.ts";
import { huber } from "./huber.ts";
import type { LossDefinition } from "./loss.ts";
import { meanAbsoluteError } from "./mean-absolute-error.ts";
import { meanSquaredError } from "./mean-squared-error.ts";
import { perceptron } from "./perceptron.ts";

export const LOSSES = {
  cross_entropy: crossEntropy,
  binary_cross_entropy: binaryCrossEntropy,
  mean_squared_error: meanSquaredError,
  half_squared_error: halfSquaredError,
  mean_absolute_error: meanAbsoluteError,
  huber,
  perceptron,
  ctc,
} satisfies Record<string, LossDefinition>;

export type LossName = keyof typeof LOSSES;
