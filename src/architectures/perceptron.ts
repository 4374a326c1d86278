// One threshold unit and its learning rule. Rosenblatt, "The perceptron: a probabilistic model …", 1958.
//   ŷ = 1 if w·x + b ≥ 0 else 0        after each row: w += η (y − ŷ) x, b += η (y − ŷ)
// Novikoff (1962): when a line separates the classes, the rule finds one after finitely many errors; else it never ends.
import type { z } from "zod";
import type { perceptron as perceptronSchema } from "../contract/architecture.ts";
import type { Fault } from "../errors.ts";
import type { ArchitectureDefinition, Task } from "./architecture.ts";
import { truthTable } from "./truth-table.ts";

export const perceptron: ArchitectureDefinition<z.output<typeof perceptronSchema>> = {
  type: "perceptron",
  title: "Perceptron",
  source: "Rosenblatt, 1958",
  example: {
    name: "or-perceptron",
    architecture: { type: "perceptron" },
    dataset: { rows: truthTable((a, b) => a | b), target: "y" },
  },
  rule: { loss: "perceptron", trained: true, online: { learningRate: 1 }, stopWhenErrorless: true },
  check: (_parameters, task) => twoClassFaults(task),
  build(_parameters, inputShape) {
    return {
      layers: [
        ...(inputShape.length > 1 ? [{ type: "flatten" as const }] : []),
        { type: "dense", units: 1, initializer: "zeros" },
        { type: "threshold" },
      ],
    };
  },
};

/** One threshold unit answers yes or no: exactly two classes. */
export function twoClassFaults(task: Task): Fault[] {
  if (task.kind === "classification" && task.outputs === 2) return [];
  const got = task.kind === "regression" ? "the target is a number" : `the target has ${task.outputs} classes`;
  return [
    {
      pointer: "/dataset/target",
      code: "needs_two_classes",
      detail: `One threshold unit separates two classes, but ${got}.`,
      hint: 'Use {"type":"mlp","hidden":[]} for more classes or for numbers.',
    },
  ];
}
