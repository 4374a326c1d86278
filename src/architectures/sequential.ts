// The general form: any list of layers, as the request gives it.
import type { z } from "zod";
import type { sequential as sequentialSchema } from "../contract/architecture.ts";
import type { ActivationName } from "../engine/layers/activation.ts";
import type { ArchitectureDefinition } from "./architecture.ts";
import { vocabularyFaults } from "./sequences.ts";
import { truthTable } from "./truth-table.ts";

export const sequential: ArchitectureDefinition<z.output<typeof sequentialSchema>> = {
  type: "sequential",
  title: "Layer list",
  source: "any network that is a chain of layers",
  example: {
    name: "xor-layers",
    architecture: {
      type: "sequential",
      layers: [
        { type: "dense", units: 8, activation: "relu" },
        { type: "dense", units: 2, activation: "softmax" },
      ],
    },
    dataset: { rows: truthTable((a, b) => a ^ b), target: "y" },
    hyperparameters: { epochs: 500, optimizer: { type: "adam", learning_rate: 0.05 } },
  },
  lastActivation: ({ layers }) => activationOf(layers.at(-1)),
  fixedOutputs({ layers }) {
    const last = layers.findLast((layer) => layer.type === "dense");
    return last === undefined ? undefined : { units: last.units };
  },
  check({ layers }, task) {
    const lastDense = layers.findLastIndex((layer) => layer.type === "dense");
    if (lastDense < 0) {
      return [
        {
          pointer: "/architecture/layers",
          code: "shape_mismatch",
          detail: "No layer has units, so there is no output.",
          hint: `End with {"type":"dense","units":${task.outputs}}.`,
        },
      ];
    }
    const [first] = layers;
    if (first.type === "embedding" && task.tokens !== undefined) {
      const faults = vocabularyFaults(first.vocabulary, task.tokens, "/architecture/layers/0/vocabulary");
      if (faults.length > 0) return faults;
    }
    const { units } = layers[lastDense] as { units: number };
    const fits =
      task.kind === "multi_label" || // how many labels there are, only the rows say
      units === task.outputs ||
      (task.kind === "classification" && task.outputs === 2 && units === 1);
    if (fits) return [];
    const needed =
      task.kind === "classification"
        ? `the target has ${task.outputs} classes`
        : `${task.outputs} number(s) are to be predicted`;
    return [
      {
        pointer: `/architecture/layers/${lastDense}/units`,
        code: "shape_mismatch",
        detail: `The last dense layer has ${units} outputs, but ${needed}.`,
        hint: `Set units to ${task.outputs}.`,
      },
    ];
  },
  build: ({ layers }) => ({ layers }),
};

type Layers = z.output<typeof sequentialSchema>["layers"];

function activationOf(layer: Layers[number] | undefined): ActivationName | undefined {
  return layer?.type === "dense" || layer?.type === "activation" ? layer.activation : undefined;
}
