// AdamW: Adam with decoupled weight decay. Loshchilov & Hutter, 2019.
// θ ← θ·(1 − η·λ)
// then Adam's update with the plain gradient: the decay is not divided by √v̂
import { requireWithin } from "../requirements.ts";
import type { OptimizerDefinition } from "./optimizer.ts";

export interface AdamWSpec {
  readonly type: "adamw";
  readonly beta1?: number | undefined;
  readonly beta2?: number | undefined;
  readonly epsilon?: number | undefined;
  /** Default 0.01. */
  readonly weight_decay?: number | undefined;
}

export const adamw: OptimizerDefinition<AdamWSpec> = {
  plan({ beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weight_decay: weightDecay = 0.01 }, parameter, gradient, state) {
    requireWithin("adamw", "beta1", beta1, 0, 1);
    requireWithin("adamw", "beta2", beta2, 0, 1);
    requireWithin("adamw", "epsilon", epsilon, 0);
    requireWithin("adamw", "weight_decay", weightDecay, 0);
    const [m, v] = [state("m"), state("v")];
    return { kind: "adam", parameter, gradient, m, v, beta1, beta2, epsilon, weightDecay, decoupled: true };
  },
};
