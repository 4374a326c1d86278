// Adam. Kingma & Ba, 2015.
// g ← g + λ·θ
// m ← β₁·m + (1−β₁)·g      v ← β₂·v + (1−β₂)·g²      both 0 at the start
// θ ← θ − η · m̂/(√v̂ + ε)   m̂ = m/(1−β₁ᵗ)   v̂ = v/(1−β₂ᵗ)
import { requireWithin } from "../requirements.ts";
import type { OptimizerDefinition } from "./optimizer.ts";

export interface AdamSpec {
  readonly type: "adam";
  readonly beta1?: number | undefined;
  readonly beta2?: number | undefined;
  readonly epsilon?: number | undefined;
  readonly weight_decay?: number | undefined;
}

export const adam: OptimizerDefinition<AdamSpec> = {
  plan({ beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weight_decay: weightDecay = 0 }, parameter, gradient, state) {
    requireWithin("adam", "beta1", beta1, 0, 1);
    requireWithin("adam", "beta2", beta2, 0, 1);
    requireWithin("adam", "epsilon", epsilon, 0);
    requireWithin("adam", "weight_decay", weightDecay, 0);
    const [m, v] = [state("m"), state("v")];
    return { kind: "adam", parameter, gradient, m, v, beta1, beta2, epsilon, weightDecay, decoupled: false };
  },
};
