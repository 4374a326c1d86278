// Multilayer perceptron. Rumelhart, Hinton & Williams, "Learning representations by back-propagating errors", 1986.
import type { mlp as mlpSchema } from "../contract/architecture.ts";
import type { z } from "zod";
import type { LayerSpec } from "../engine/layers/catalogue.ts";
import type { ArchitectureDefinition } from "./architecture.ts";
import type { Head } from "./head.ts";
import { truthTable } from "./truth-table.ts";

export const mlp: ArchitectureDefinition<Parameters> = {
  type: "mlp",
  title: "Multilayer perceptron",
  source: "Rumelhart, Hinton & Williams, 1986; without hidden layer the delta rule of Widrow & Hoff, 1960",
  example: {
    name: "xor",
    architecture: { type: "mlp", hidden: [8], activation: "tanh" },
    dataset: { rows: truthTable((a, b) => a ^ b), target: "y" },
    hyperparameters: { epochs: 500, optimizer: { type: "adam", learning_rate: 0.05 } },
  },
  lastActivation: ({ output_activation }) => (output_activation === "auto" ? undefined : output_activation),
  resolve: (parameters, head) => ({ ...parameters, output_activation: outputActivation(parameters, head) }),
  build(parameters, inputShape, head) {
    const { hidden, activation, dropout } = parameters;
    const layers: LayerSpec[] = inputShape.length > 1 ? [{ type: "flatten" }] : [];
    for (const units of hidden) {
      layers.push({ type: "dense", units, activation });
      if (dropout > 0) layers.push({ type: "dropout", rate: dropout });
    }
    layers.push({ type: "dense", units: head.units, activation: outputActivation(parameters, head) });
    return { layers };
  },
};

type Parameters = z.output<typeof mlpSchema>;

function outputActivation(
  { output_activation }: Parameters,
  head: Head,
): Exclude<Parameters["output_activation"], "auto"> {
  if (output_activation !== "auto") return output_activation;
  // Only a rule of its own ends in a threshold, and an mlp has none.
  if (head.activation === "threshold") throw new Error("an mlp does not end in a threshold");
  return head.activation;
}
