// Adagrad. Duchi, Hazan & Singer, 2011.
// g ← g + λ·θ
// s ← s + g²                     s = 0 at the start
// θ ← θ − η·g/(√s + ε)
import { requireWithin } from "../requirements.ts";
import type { OptimizerDefinition } from "./optimizer.ts";

export interface AdagradSpec {
  readonly type: "adagrad";
  readonly epsilon?: number | undefined;
  readonly weight_decay?: number | undefined;
}

export const adagrad: OptimizerDefinition<AdagradSpec> = {
  plan({ epsilon = 1e-10, weight_decay: weightDecay = 0 }, parameter, gradient, state) {
    requireWithin("adagrad", "epsilon", epsilon, 0);
    requireWithin("adagrad", "weight_decay", weightDecay, 0);
    return { kind: "adagrad", parameter, gradient, sum: state("sum"), epsilon, weightDecay };
  },
};
