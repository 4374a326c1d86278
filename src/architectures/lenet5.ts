// LeNet-5. LeCun, Bottou, Bengio & Haffner, "Gradient-based learning applied to document recognition", 1998.
//   6 windows of 5 × 5, halved · 16 windows of 5 × 5, halved · dense 120 · dense 84 · output
// Every map of the second convolution sees all six of the first; the paper wired them by hand to save weights.
import type { z } from "zod";
import type { lenet5 as lenet5Schema } from "../contract/architectures/images.ts";
import type { LayerSpec } from "../engine/layers/catalogue.ts";
import type { ArchitectureDefinition } from "./architecture.ts";
import { outputLayer } from "./head.ts";
import { digitsExample, imageDefaults, imageFaults } from "./images.ts";

export const lenet5: ArchitectureDefinition<z.output<typeof lenet5Schema>> = {
  type: "lenet5",
  title: "LeNet-5",
  source: "LeCun, Bottou, Bengio & Haffner, 1998",
  example: digitsExample({ type: "lenet5" }, 10),
  defaults: imageDefaults,
  // Two windows of 5 × 5, and each halving, must find a pixel.
  check: (_parameters, task) => imageFaults("lenet5", task, 12),
  build({ activation, pooling }, _inputShape, head) {
    const pool: LayerSpec = { type: pooling === "max" ? "max_pool2d" : "average_pool2d", pool_size: 2 };
    return {
      layers: [
        { type: "conv2d", filters: 6, kernel_size: 5, padding: "same", activation },
        pool,
        { type: "conv2d", filters: 16, kernel_size: 5, activation },
        pool,
        { type: "flatten" },
        { type: "dense", units: 120, activation },
        { type: "dense", units: 84, activation },
        outputLayer(head),
      ],
    };
  },
};
