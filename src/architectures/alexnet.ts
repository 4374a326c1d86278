// AlexNet. Krizhevsky, Sutskever & Hinton, "ImageNet classification with deep convolutional neural networks", 2012.
//   96 windows, halved · 256 of 5 × 5, halved · 384, 384 and 256 of 3 × 3, halved · dense 4096 · dense 4096 · output
// Pooling overlaps: windows of 3 × 3 by 2 pixels. The paper cut the maps of three layers into two groups for its two graphics
// processors, and normalised the responses of the first two layers.
import type { z } from "zod";
import type { alexnet as alexnetSchema } from "../contract/architectures/images.ts";
import type { LayerSpec } from "../engine/layers/catalogue.ts";
import type { ArchitectureDefinition } from "./architecture.ts";
import { outputLayer } from "./head.ts";
import { digitsExample, imageDefaults, imageFaults, scaled } from "./images.ts";

type Parameters = z.output<typeof alexnetSchema>;

/** The first layer's window and stride. The paper's images are 224 × 224, and a quarter of that after it. */
const stems = { large: { size: 11, stride: 4 }, small: { size: 5, stride: 1 } } as const;
const largeImage = 128;

export const alexnet: ArchitectureDefinition<Parameters> = {
  type: "alexnet",
  title: "AlexNet",
  source: "Krizhevsky, Sutskever & Hinton, 2012",
  example: digitsExample({ type: "alexnet", width: 0.125 }, 5),
  defaults: imageDefaults,
  // Three times halved, something must be left.
  check: (_parameters, task) => imageFaults("alexnet", task, 16),
  resolve: (parameters, _head, { inputShape }) => ({ ...parameters, stem: stemOf(parameters, inputShape) }),
  build(parameters, inputShape, head) {
    const { width, batch_norm, dropout, local_response_norm } = parameters;
    const convolution = (count: number, size: number, { stride = 1, groups = 1 } = {}): LayerSpec[] => [
      {
        type: "conv2d",
        // Whole groups, also for the layer above.
        filters: parameters.groups * scaled(count / parameters.groups, width),
        kernel_size: size,
        stride,
        groups,
        padding: "same",
        use_bias: !batch_norm,
      },
      ...(batch_norm ? [{ type: "batch_norm" as const }] : []),
      { type: "activation", activation: "relu" },
    ];
    const normalised: LayerSpec[] = local_response_norm ? [{ type: "local_response_norm" }] : [];
    const { groups } = parameters;
    const halving: LayerSpec = { type: "max_pool2d", pool_size: 3, stride: 2 };
    const dense = (units: number): LayerSpec[] => [
      ...(dropout > 0 ? [{ type: "dropout" as const, rate: dropout }] : []),
      { type: "dense", units: scaled(units, width), activation: "relu" },
    ];
    const { size, stride } = stems[stemOf(parameters, inputShape)];
    return {
      layers: [
        ...convolution(96, size, { stride }),
        ...normalised,
        halving,
        ...convolution(256, 5, { groups }),
        ...normalised,
        halving,
        ...convolution(384, 3),
        ...convolution(384, 3, { groups }),
        ...convolution(256, 3, { groups }),
        halving,
        { type: "flatten" },
        ...dense(4096),
        ...dense(4096),
        outputLayer(head),
      ],
    };
  },
};

function stemOf({ stem }: Parameters, [height, width]: readonly number[]): "small" | "large" {
  if (stem !== "auto") return stem;
  return Math.min(height, width) >= largeImage ? "large" : "small";
}
