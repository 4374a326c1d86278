// Activation layer: one function on every element, or softmax over the last dimension. x, y (B, …)
// forward   y = f(x)               formulas of f and f′: kernels/reference/activations.ts, softmax.ts
// backward  dx = dy ⊙ f′(x)        softmax: dx = y ⊙ (dy − Σ_j dy_j·y_j), the full Jacobian
import type { Operation } from "../operations.ts";
import { requireEntry } from "../requirements.ts";
import type { Tensor } from "../tensor.ts";
import type { LayerDefinition, PlannedLayer } from "./layer.ts";
import { threshold } from "./threshold.ts";

export interface ActivationSpec {
  readonly type: "activation";
  readonly activation: ActivationName;
}

interface ActivationOperations {
  forward(x: Tensor, y: Tensor): Operation;
  backward(x: Tensor, y: Tensor, dy: Tensor, dx: Tensor): Operation;
}

function elementWise(name: "relu" | "leaky_relu" | "tanh" | "sigmoid" | "gelu"): ActivationOperations {
  return {
    forward: (x, y) => ({ kind: "activate", function: name, x, y }),
    backward: (x, y, dy, dx) => ({ kind: "activate_backward", function: name, x, y, dy, dx }),
  };
}

/** Every activation that has operations of its own. */
const OPERATIONS = {
  relu: elementWise("relu"),
  leaky_relu: elementWise("leaky_relu"),
  tanh: elementWise("tanh"),
  sigmoid: elementWise("sigmoid"),
  gelu: elementWise("gelu"),
  softmax: {
    forward: (x, y) => ({ kind: "softmax", x, y }),
    backward: (_x, y, dy, dx) => ({ kind: "softmax_backward", y, dy, dx }),
  } satisfies ActivationOperations,
};

export type ActivationName = keyof typeof OPERATIONS | "identity" | "threshold";

/** Every name a specification may use, for contracts and messages. */
export const ACTIVATION_NAMES: readonly ActivationName[] = [
  "identity",
  ...(Object.keys(OPERATIONS) as (keyof typeof OPERATIONS)[]),
  "threshold",
];

/** Activations whose units are off for half of their inputs: initialised by He et al., 2015. */
export const RELU_FAMILY: ReadonlySet<ActivationName> = new Set<ActivationName>(["relu", "leaky_relu", "gelu"]);

export const activation: LayerDefinition<ActivationSpec> = {
  plan(spec, scope, x): PlannedLayer {
    if (spec.activation === "identity") return { output: x, parameters: [], forward: [], backward: [] };
    if (spec.activation === "threshold") return threshold.plan({ type: "threshold" }, scope, x);
    const operations = requireEntry(scope.layerName, OPERATIONS, spec.activation);
    const y = scope.signal(x.value.shape, x.gradient !== null);

    return {
      output: y,
      parameters: [],
      forward: [operations.forward(x.value, y.value)],
      backward:
        x.gradient === null || y.gradient === null
          ? []
          : [operations.backward(x.value, y.value, y.gradient, x.gradient)],
    };
  },
};
