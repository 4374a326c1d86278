// Stochastic gradient descent with momentum μ. Sutskever, Martens, Dahl & Hinton, 2013, in PyTorch's form: the velocity
// holds gradients, not steps, so a change of η acts at once, and there is no dampening.
// g ← g + λ·θ
// v ← μ·v + g          v = 0 at the start
// θ ← θ − η·v          nesterov: θ ← θ − η·(g + μ·v)
import { requireWithin } from "../requirements.ts";
import type { OptimizerDefinition } from "./optimizer.ts";

export interface SgdSpec {
  readonly type: "sgd";
  readonly momentum?: number | undefined;
  /** Only with momentum > 0. */
  readonly nesterov?: boolean | undefined;
  readonly weight_decay?: number | undefined;
}

export const sgd: OptimizerDefinition<SgdSpec> = {
  plan({ momentum = 0, nesterov = false, weight_decay: weightDecay = 0 }, parameter, gradient, state) {
    requireWithin("sgd", "momentum", momentum, 0, 1);
    requireWithin("sgd", "weight_decay", weightDecay, 0);
    const velocity = momentum === 0 ? null : state("velocity");
    return { kind: "sgd", parameter, gradient, velocity, momentum, nesterov, weightDecay };
  },
};
