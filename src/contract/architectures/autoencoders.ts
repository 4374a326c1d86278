// Architectures without a target: their parameters. The networks themselves are in src/architectures/.
import { z } from "zod";
import { activationName, initialParameters, units } from "../layer.ts";
import { strictObject } from "../strict-object.ts";

export const autoencoder = strictObject({
  type: z.literal("autoencoder"),
  code: units.default(16).describe("numbers that a row is squeezed into"),
  hidden: z
    .array(units)
    .max(8)
    .or(z.literal("auto"))
    .default("auto")
    .describe("dense layers before the code, mirrored behind it; auto: [64], of images with filters none"),
  filters: z
    .array(units)
    .max(6)
    .or(z.literal("auto"))
    .default("auto")
    .describe(
      "images: convolutions before the dense layers, each of which halves the image, mirrored at the end; auto: [16, 32] for images of 8 pixels and more, else []",
    ),
  activation: activationName.exclude(["softmax"]).default("relu").describe("of all layers but the code and the last"),
  noise: z
    .number()
    .min(0)
    .lt(1)
    .default(0)
    .describe("share of the inputs hidden in training, which the network learns to fill in (denoising)"),
  initial_parameters: initialParameters,
}).describe(
  "Autoencoder: learns to give back its own inputs through a narrow code; what it gives back badly is unusual (Hinton & Salakhutdinov, 2006)",
);
