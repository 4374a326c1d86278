// VGG. Simonyan & Zisserman, "Very deep convolutional networks for large-scale image recognition", 2015.
// Blocks of 3 × 3 convolutions, each block followed by pooling that halves the image: as long as it has two pixels a side.
import type { z } from "zod";
import type { vgg as vggSchema } from "../contract/architectures/images.ts";
import type { LayerSpec } from "../engine/layers/catalogue.ts";
import type { ArchitectureDefinition } from "./architecture.ts";
import { outputLayer } from "./head.ts";
import { digitsExample, imageDefaults, imageFaults, scaled } from "./images.ts";

/** Convolutions in each of the five blocks: columns A, B and D of the paper's table 1. */
const blocks = { 11: [1, 1, 2, 2, 2], 13: [2, 2, 2, 2, 2], 16: [2, 2, 3, 3, 3] } as const;
const filters = [64, 128, 256, 512, 512] as const;

export const vgg: ArchitectureDefinition<z.output<typeof vggSchema>> = {
  type: "vgg",
  title: "VGG",
  source: "Simonyan & Zisserman, 2015",
  example: digitsExample({ type: "vgg", depth: 11, width: 0.125, hidden: [64] }, 5),
  defaults: imageDefaults,
  check: (_parameters, task) => imageFaults("vgg", task, 8),
  build({ depth, width, batch_norm, hidden, dropout }, [height, columns], head) {
    const convolution = (count: number): LayerSpec[] => [
      { type: "conv2d", filters: scaled(count, width), kernel_size: 3, padding: "same", use_bias: !batch_norm },
      ...(batch_norm ? [{ type: "batch_norm" as const }] : []),
      { type: "activation", activation: "relu" },
    ];
    let side = Math.min(height, columns);
    const halving = (): LayerSpec[] => {
      if (side < 2) return [];
      side = Math.floor(side / 2);
      return [{ type: "max_pool2d", pool_size: 2 }];
    };
    const features = blocks[depth].flatMap((count, block) => [
      ...Array.from({ length: count }, () => convolution(filters[block])).flat(),
      ...halving(),
    ]);
    const dense = hidden.flatMap((units): LayerSpec[] => [
      ...(dropout > 0 ? [{ type: "dropout" as const, rate: dropout }] : []),
      { type: "dense", units, activation: "relu" },
    ]);
    return { layers: [...features, { type: "flatten" }, ...dense, outputLayer(head)] };
  },
};
