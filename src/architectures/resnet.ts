// Residual network. He, Zhang, Ren & Sun, "Deep residual learning for image recognition", 2016.
// A basic block is two 3 × 3 convolutions whose result is added to their input. The first block of each stage but the first
// halves the image and has more filters; there the input goes through a convolution of single pixels (option B).
import type { z } from "zod";
import type { resnet as resnetSchema } from "../contract/architectures/images.ts";
import type { LayerSpec } from "../engine/layers/catalogue.ts";
import type { ArchitectureDefinition } from "./architecture.ts";
import { outputLayer } from "./head.ts";
import { digitsExample, imageDefaults, imageFaults, scaled } from "./images.ts";

type Parameters = z.output<typeof resnetSchema>;

/** Basic blocks in each stage: section 4.2 (depth 6n + 2) and table 1 of the paper. */
const stages: Record<Parameters["depth"], readonly number[]> = {
  20: [3, 3, 3],
  32: [5, 5, 5],
  44: [7, 7, 7],
  56: [9, 9, 9],
  18: [2, 2, 2, 2],
  34: [3, 4, 6, 3],
};

/** From so many pixels a side on the first layers make the image a quarter as large: the paper's are 224. */
const largeImage = 128;

export const resnet: ArchitectureDefinition<Parameters> = {
  type: "resnet",
  title: "Residual network",
  source: "He, Zhang, Ren & Sun, 2016",
  example: digitsExample({ type: "resnet", depth: 20, width: 0.25 }, 5),
  defaults: {
    ...imageDefaults,
    hyperparameters: {
      batch_size: 64,
      optimizer: { type: "sgd", learning_rate: 0.05, momentum: 0.9, weight_decay: 0.0005 },
      schedule: { type: "cosine", warmup_epochs: 0.5 },
    },
  },
  check: (_parameters, task) => imageFaults("resnet", task, 8),
  resolve: (parameters, _head, { inputShape }) => ({ ...parameters, stem: stemOf(parameters, inputShape) }),
  build(parameters, inputShape, head) {
    const counts = stages[parameters.depth];
    const first = counts.length === 3 ? 16 : 64;
    const body = counts.flatMap((count, stage) => {
      const filters = scaled(first * 2 ** stage, parameters.width);
      return Array.from({ length: count }, (_, block) => basicBlock(filters, block === 0 && stage > 0));
    });
    const filters = scaled(first, parameters.width);
    return {
      layers: [
        ...stems[stemOf(parameters, inputShape)](filters),
        ...body,
        { type: "global_average_pool" },
        outputLayer(head),
      ],
    };
  },
};

const stems: Record<"small" | "large", (filters: number) => LayerSpec[]> = {
  small: (filters) => normalised(filters, 3, 1),
  large: (filters) => [...normalised(filters, 7, 2), { type: "max_pool2d", pool_size: 3, stride: 2, padding: 1 }],
};

function stemOf({ stem, depth }: Parameters, [height, width]: readonly number[]): "small" | "large" {
  if (stem !== "auto") return stem;
  return stages[depth].length === 4 && Math.min(height, width) >= largeImage ? "large" : "small";
}

function normalised(filters: number, size: number, stride: number): LayerSpec[] {
  return [
    { type: "conv2d", filters, kernel_size: size, stride, padding: "same", use_bias: false },
    { type: "batch_norm" },
    { type: "activation", activation: "relu" },
  ];
}

function basicBlock(filters: number, narrows: boolean): LayerSpec {
  const convolution = (stride: number, size = 3): LayerSpec[] => [
    { type: "conv2d", filters, kernel_size: size, stride, padding: "same", use_bias: false },
    { type: "batch_norm" },
  ];
  const stride = narrows ? 2 : 1;
  return {
    type: "residual",
    layers: [...convolution(stride), { type: "activation", activation: "relu" }, ...convolution(1)],
    ...(narrows ? { projection: convolution(2, 1) } : {}),
    activation: "relu",
  };
}
