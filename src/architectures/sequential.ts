// The general form: any list of layers, as the request gives it.
import type { z } from "zod";
import type { sequential as sequentialSchema } from "../contract/architecture.ts";
import type { ActivationName } from "../engine/layers/activation.ts";
import type { Fault } from "../errors.ts";
import type { ArchitectureDefinition, Task } from "./architecture.ts";
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
  stepLosses: { sequence: "ctc", tagging: "cross_entropy" },
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
    const faults = first.type === "embedding" ? embeddingFaults(first.vocabulary, task) : [];
    if (faults.length > 0) return faults;
    const { units } = layers[lastDense] as { units: number };
    const fits =
      countedInRows.includes(task.kind) ||
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

/** How many labels or tokens there are, only the rows say. */
const countedInRows: readonly Task["kind"][] = ["multi_label", "sequence", "tagging"];

/** An embedding looks rows up: its inputs must be their numbers. */
function embeddingFaults(vocabulary: number, { tokens, largestIndex }: Task): Fault[] {
  const pointer = "/architecture/layers/0/vocabulary";
  if (tokens !== undefined) return vocabularyFaults(vocabulary, tokens, pointer);
  if (largestIndex === undefined) {
    const detail = "An embedding reads token numbers, but the inputs of this job are scaled or measured numbers.";
    const hint =
      'Use one text feature with "encoding": "word_ids", or integer columns from 0 on without gaps and with "scale": "none".';
    return [{ pointer: "/architecture/layers/0", code: "needs_tokens", detail, hint }];
  }
  if (largestIndex < vocabulary) return [];
  const detail = `The inputs go up to ${largestIndex}, but the embedding has rows 0 to ${vocabulary - 1}.`;
  return [{ pointer, code: "vocabulary_too_small", detail, hint: `Set vocabulary to ${largestIndex + 1}.` }];
}

type Layers = z.output<typeof sequentialSchema>["layers"];

function activationOf(layer: Layers[number] | undefined): ActivationName | undefined {
  return layer?.type === "dense" || layer?.type === "activation" ? layer.activation : undefined;
}
