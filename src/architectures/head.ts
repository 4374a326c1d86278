// The last layer: how many outputs, through which activation, against targets laid out how. One rule per line of a table.
import type { ActivationName } from "../engine/layers/activation.ts";
import type { LayerSpec } from "../engine/layers/catalogue.ts";
import type { LossName } from "../engine/losses/catalogue.ts";
import type { Task } from "./architecture.ts";

export interface Head {
  loss: LossName;
  units: number;
  activation: ActivationName;
  /** index: one column with the class number; one_hot: one column per class; single: 0 or 1; values: the numbers. */
  targets: "index" | "one_hot" | "single" | "values";
  /** Of sequences: tokens that are written for each row at most, a class index for each. */
  steps?: number;
}

/** The loss that "auto" stands for; `lastActivation` and `fixedUnits` when the request says how the network ends. */
export function chooseLoss(
  kind: Task["kind"],
  outputs: number,
  lastActivation: ActivationName | undefined,
  fixedUnits: number | undefined,
): LossName {
  if (kind === "regression" || kind === "reconstruction") return "mean_squared_error";
  if (kind === "multi_label") return "binary_cross_entropy";
  if (lastActivation === "softmax") return "cross_entropy";
  return outputs === 2 && (fixedUnits ?? 1) === 1 ? "binary_cross_entropy" : "cross_entropy";
}

/** The head for a task under a loss; `fixedUnits` when the layers say how many outputs there are. */
export function chooseHead(kind: Task["kind"], outputs: number, loss: LossName, fixedUnits: number | undefined): Head {
  if (kind === "regression" || kind === "reconstruction")
    return { loss, units: outputs, activation: "identity", targets: "values" };
  // Of several labels each is a yes or no of its own.
  if (kind === "multi_label") return { loss, units: fixedUnits ?? outputs, activation: "sigmoid", targets: "values" };
  if (loss === "cross_entropy" || loss === "ctc")
    return { loss, units: outputs, activation: "softmax", targets: "index" };
  const single = outputs === 2 && (fixedUnits ?? 1) === 1;
  if (loss === "perceptron") return { loss, units: single ? 1 : outputs, activation: "threshold", targets: "single" };
  if (single) return { loss, units: 1, activation: "sigmoid", targets: "single" };
  return {
    loss,
    units: outputs,
    activation: loss === "binary_cross_entropy" ? "sigmoid" : "softmax",
    targets: "one_hot",
  };
}

/** The layer that every network but a layer list ends in. */
export function outputLayer({ units, activation }: Head): LayerSpec {
  return { type: "dense", units, activation };
}
