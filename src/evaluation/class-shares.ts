// Network outputs of one row in terms of classes: the predicted one, and a probability for each.
import type { ActivationName } from "../engine/layers/activation.ts";

/** Code of the predicted class. With one unit the boundary itself belongs to the second class, as in training
 * (engine/metrics.ts). */
export function predictedClass(outputs: ArrayLike<number>): number {
  if (outputs.length === 1) return outputs[0] >= 0.5 ? 1 : 0;
  let best = 0;
  for (let code = 1; code < outputs.length; code++) if (outputs[code] > outputs[best]) best = code;
  return best;
}

/** A probability for each class; of a single unit for "no" and "yes". */
export function classShares(outputs: ArrayLike<number>, activation: ActivationName): number[] {
  return outputs.length === 1 ? bothShares(outputs[0]) : normalised(outputs, activation);
}

/** Of one unit that says yes: a sigmoid lies within 0 and 1 already, another activation is cut to it. */
function bothShares(output: number): [number, number] {
  const yes = Math.min(1, Math.max(0, output));
  return [1 - yes, yes];
}

/** Softmax outputs are probabilities already, bit for bit; independent units are scaled to sum to 1. */
function normalised(outputs: ArrayLike<number>, activation: ActivationName): number[] {
  const shares = Array.from(outputs);
  if (activation === "softmax") return shares;
  const sum = shares.reduce((total, share) => total + Math.max(0, share), 0);
  return shares.map((share) => (sum > 0 ? Math.max(0, share) / sum : 1 / shares.length));
}

/** Where numbers overflowed on their way through the network nothing is known: each class is as probable as any other. */
export function knownShares(shares: number[]): number[] {
  return shares.every(Number.isFinite) ? shares : shares.map(() => 1 / shares.length);
}
