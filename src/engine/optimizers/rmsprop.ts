// RMSprop. Hinton, 2012 (lecture 6e), in PyTorch's form: ε is outside the root, momentum is on the scaled gradient.
// g ← g + λ·θ
// v ← α·v + (1−α)·g²                         v = 0 at the start
// b ← μ·b + g/(√v + ε)      θ ← θ − η·b      b = 0 at the start; without momentum b is not kept
import { requireWithin } from "../requirements.ts";
import type { OptimizerDefinition } from "./optimizer.ts";

export interface RmspropSpec {
  readonly type: "rmsprop";
  /** Smoothing constant of the mean square. */
  readonly alpha?: number | undefined;
  readonly epsilon?: number | undefined;
  readonly momentum?: number | undefined;
  readonly weight_decay?: number | undefined;
}

export const rmsprop: OptimizerDefinition<RmspropSpec> = {
  plan({ alpha = 0.99, epsilon = 1e-8, momentum = 0, weight_decay: weightDecay = 0 }, parameter, gradient, state) {
    requireWithin("rmsprop", "alpha", alpha, 0, 1);
    requireWithin("rmsprop", "epsilon", epsilon, 0);
    requireWithin("rmsprop", "momentum", momentum, 0, 1);
    requireWithin("rmsprop", "weight_decay", weightDecay, 0);
    const v = state("v");
    const velocity = momentum === 0 ? null : state("velocity");
    return { kind: "rmsprop", parameter, gradient, v, velocity, alpha, epsilon, momentum, weightDecay };
  },
};
