// The average of the weights over the steps of a training, which often predicts better than the last of them.
// Polyak & Juditsky, 1992; as an exponential moving average with its initial bias taken out: Kingma & Ba, 2015, § 7.2
// āₜ = Σ_i βᵗ⁻ⁱ·θ_i / Σ_i βᵗ⁻ⁱ      after each step  a ← a + r·(θ − a),  r = (1−β)/(1−βᵗ)
// Statistics of a normalisation are averaged like the weights they go with.
import type { Parameter } from "./layers/layer.ts";
import type { Operation } from "./operations.ts";
import { requireWithin } from "./requirements.ts";
import { fixedTensor } from "./tensor.ts";
import type { Tensor } from "./tensor.ts";

export interface WeightAverage {
  /** β: some 1/(1 − β) steps count. */
  readonly decay: number;
}

export interface PlannedAverage {
  /** Of each parameter, statistics among them; optimizer state, so that checkpoints hold it. */
  readonly averages: readonly Tensor[];
  /** After the update of each parameter. */
  readonly operations: readonly Operation[];
}

export function planAverage({ decay }: WeightAverage, parameters: readonly Parameter[]): PlannedAverage {
  requireWithin("weight_average", "decay", decay, 0, 1);
  const averages = parameters.map(({ value }) => fixedTensor(`${value.name}.average`, value.shape));
  const operations = parameters.map(({ value }, index): Operation => ({
    kind: "average",
    parameter: value,
    average: averages[index],
    decay,
  }));
  return { averages, operations };
}
