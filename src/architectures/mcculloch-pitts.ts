// Threshold unit with fixed weights. McCulloch & Pitts, "A logical calculus of the ideas immanent in nervous activity", 1943.
//   y = 1 if Σ wᵢxᵢ ≥ θ else 0        x ∈ {0,1}ⁿ        AND: w = (1,1), θ = 2   OR: θ = 1   NOT: w = (−1), θ = 0
import type { z } from "zod";
import type { mccullochPitts as mccullochPittsSchema } from "../contract/architecture.ts";
import type { Fault } from "../errors.ts";
import type { ArchitectureDefinition } from "./architecture.ts";
import { twoClassFaults } from "./perceptron.ts";
import { truthTable } from "./truth-table.ts";

export const mccullochPitts: ArchitectureDefinition<z.output<typeof mccullochPittsSchema>> = {
  type: "mcculloch_pitts",
  title: "McCulloch–Pitts neuron",
  source: "McCulloch & Pitts, 1943",
  example: {
    name: "and-neuron",
    architecture: { type: "mcculloch_pitts", weights: [1, 1], threshold: 2 },
    dataset: { rows: truthTable((a, b) => a & b), target: "y" },
  },
  rule: { loss: "perceptron", trained: false, stopWhenErrorless: false },
  check({ weights }, task) {
    const faults: Fault[] = twoClassFaults(task);
    const inputs = task.inputShape.reduce((product, extent) => product * extent, 1);
    if (weights.length !== inputs) {
      faults.push({
        pointer: "/architecture/weights",
        code: "shape_mismatch",
        detail: `There are ${inputs} inputs but ${weights.length} weights.`,
        hint: "Give one weight per input, in the order of the features.",
      });
    }
    if (!task.binaryInputs) {
      faults.push({
        pointer: "/dataset/features",
        code: "not_binary",
        detail: "A McCulloch–Pitts neuron takes inputs of 0 and 1 only.",
        hint: 'Use features of 0 and 1, or {"type":"perceptron"} for other numbers.',
      });
    }
    return faults;
  },
  build({ weights, threshold }) {
    return {
      layers: [{ type: "dense", units: 1 }, { type: "threshold" }],
      initialParameters: [{ weights: weights.map((weight) => [weight]), bias: [-threshold] }],
    };
  },
};
