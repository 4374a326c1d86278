// Architectures for images: their parameters. The networks themselves are in src/architectures/.
import { z } from "zod";
import { activationName, initialParameters, units } from "../layer.ts";
import { strictObject } from "../strict-object.ts";

const hiddenActivation = activationName.exclude(["softmax"]);
const width = z.number().min(0.05).max(4);
const dropout = z.number().min(0).lt(1);

export const lenet5 = strictObject({
  type: z.literal("lenet5"),
  activation: hiddenActivation.default("relu").describe("the paper's is tanh"),
  pooling: z.enum(["max", "average"]).default("max").describe("the paper's is average"),
  initial_parameters: initialParameters,
}).describe("LeNet-5 for small images such as digits (LeCun, Bottou, Bengio & Haffner, 1998)");

export const alexnet = strictObject({
  type: z.literal("alexnet"),
  width: width.default(0.5).describe("filters and units in parts of the paper's"),
  stem: z
    .enum(["auto", "small", "large"])
    .default("auto")
    .describe("large: 11 × 11 windows by 4 pixels, as the paper; small: 5 × 5 by 1; auto: large from 128 pixels on"),
  batch_norm: z.boolean().default(true).describe("in place of the paper's normalisation of local responses"),
  local_response_norm: z.boolean().default(false).describe("the paper's, behind the first two convolutions"),
  groups: z
    .literal([1, 2])
    .default(1)
    .describe("2: as in the paper, convolutions 2, 4 and 5 in two columns that do not see each other"),
  dropout: dropout.default(0.5).describe("before each of the two hidden dense layers"),
  initial_parameters: initialParameters,
}).describe("AlexNet: five convolutions and three dense layers (Krizhevsky, Sutskever & Hinton, 2012)");

export const vgg = strictObject({
  type: z.literal("vgg"),
  depth: z.literal([11, 13, 16]).default(11).describe("layers with weights"),
  width: width.default(0.25).describe("filters in parts of the paper's 64 to 512"),
  batch_norm: z.boolean().default(true).describe("after each convolution; the paper has none"),
  hidden: z.array(units).max(8).default([256]).describe("dense layers before the output; the paper's are [4096, 4096]"),
  dropout: dropout.default(0.5).describe("before each dense layer of hidden"),
  initial_parameters: initialParameters,
}).describe(
  "VGG: blocks of 3 × 3 convolutions, halved by pooling as long as the image can be (Simonyan & Zisserman, 2015)",
);

export const resnet = strictObject({
  type: z.literal("resnet"),
  depth: z
    .literal([20, 32, 44, 56, 18, 34])
    .default(20)
    .describe("layers with weights; 20 to 56 have three stages of 16, 32, 64 filters, 18 and 34 four of 64 to 512"),
  width: width.default(1).describe("filters in parts of the paper's"),
  stem: z
    .enum(["auto", "small", "large"])
    .default("auto")
    .describe("small: 3 × 3 windows; large: 7 × 7 by 2 and pooling; auto: large for 18 and 34 from 128 pixels on"),
  initial_parameters: initialParameters,
}).describe("Residual network of basic blocks (He, Zhang, Ren & Sun, 2016)");
