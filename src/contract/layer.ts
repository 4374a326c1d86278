// Layers: what the list of a "sequential" architecture is made of. Names and shapes are those of the engine's layers, which
// hold the formulas; images are [height, width, channels], sequences [steps, features].
import { z } from "zod";
import { strictObject } from "./strict-object.ts";

export const activationName = z.enum(["relu", "leaky_relu", "tanh", "sigmoid", "softmax", "gelu", "identity"]);
export const initializerName = z.enum(["glorot_uniform", "he_uniform", "he_normal", "zeros"]);

export const units = z.number().int().min(1).max(65_536);

const pixels = z.number().int().min(1).max(1_024);
const extent = pixels.or(z.tuple([pixels, pixels])).describe("one number for both directions, or [height, width]");
const border = z.number().int().min(0).max(1_024);
const padding = z
  .enum(["valid", "same"])
  .or(border)
  .or(z.tuple([border, border]))
  .default("valid")
  .describe("valid: none · same: the output is as large as the input, divided by the stride · or zeros at each border");

const initializer = initializerName
  .optional()
  .describe("default: he_normal before relu-like activations, else glorot_uniform");

const weighted = { activation: activationName.default("identity"), use_bias: z.boolean().default(true), initializer };

const groups = units
  .default(1)
  .describe("channels and filters in so many parts, each filter over its own part; as many as channels: depthwise");

const pooling = {
  pool_size: extent.default(2),
  stride: extent.optional().describe("default: pool_size"),
  padding,
};

const recurrent = {
  units,
  return_sequences: z
    .boolean()
    .default(false)
    .describe("true: the state after every step; false: that after the last one"),
  recurrent_dropout: z
    .number()
    .min(0)
    .lt(1)
    .default(0)
    .describe("share of the state that the recurrent weights do not see, the same in all steps of a row"),
};

const steps = z.number().int().min(1).max(10_000);

const linePooling = {
  pool_size: steps.default(2),
  stride: steps.optional().describe("default: pool_size"),
  padding: z.enum(["valid", "same"]).or(border).default("valid"),
};

const recurrentLayers = [
  strictObject({ type: z.literal("simple_rnn"), ...recurrent }),
  strictObject({ type: z.literal("lstm"), ...recurrent }),
  strictObject({ type: z.literal("gru"), ...recurrent }),
] as const;

/** Layers that hold no lists of others. */
export const plainLayer = z
  .discriminatedUnion("type", [
    strictObject({ type: z.literal("dense"), units, ...weighted }),
    strictObject({
      type: z.literal("conv1d"),
      filters: units.describe("numbers in each step of the output"),
      kernel_size: steps,
      stride: steps.default(1),
      padding: z
        .enum(["valid", "same", "causal"])
        .or(border)
        .default("valid")
        .describe("of steps; causal: an output sees its own step and those before"),
      dilation: steps.default(1),
      groups,
      ...weighted,
    }),
    strictObject({ type: z.literal("max_pool1d"), ...linePooling }),
    strictObject({ type: z.literal("average_pool1d"), ...linePooling }),
    strictObject({
      type: z.literal("conv2d"),
      filters: units.describe("channels of the output"),
      kernel_size: extent,
      stride: extent.default(1),
      padding,
      dilation: extent.default(1),
      groups,
      ...weighted,
    }),
    strictObject({
      type: z.literal("conv2d_transpose"),
      filters: units.describe("channels of the output"),
      kernel_size: extent,
      stride: extent.default(1).describe("by which the image grows"),
      padding: z.enum(["valid", "same"]).default("valid").describe("of the convolution that it is the transpose of"),
      output_size: extent
        .optional()
        .describe("default: with same the stride times the input, else the least that a window fits into"),
      ...weighted,
    }),
    strictObject({ type: z.literal("max_pool2d"), ...pooling }),
    strictObject({ type: z.literal("average_pool2d"), ...pooling }),
    strictObject({ type: z.literal("global_average_pool") }).describe("over an image, or the steps of a sequence"),
    strictObject({ type: z.literal("global_max_pool") }).describe("over an image, or the steps of a sequence"),
    strictObject({
      type: z.literal("batch_norm"),
      momentum: z.number().min(0).max(1).default(0.1).describe("share of the batch in the running statistics"),
      epsilon: z.number().positive().default(1e-5),
    }),
    strictObject({ type: z.literal("layer_norm"), epsilon: z.number().positive().default(1e-5) }),
    strictObject({
      type: z.literal("local_response_norm"),
      size: z.number().int().min(1).max(64).default(5).describe("channels in a sum of squares"),
      alpha: z.number().min(0).default(1e-4).describe("factor of the sum; PyTorch's is `size` times as large"),
      beta: z.number().min(0).default(0.75),
      k: z.number().min(1e-6).default(2),
    }),
    strictObject({
      type: z.literal("embedding"),
      vocabulary: z.number().int().min(1).max(1_000_000).describe("tokens there are; each is an index below"),
      units,
    }),
    ...recurrentLayers,
    strictObject({
      type: z.literal("bidirectional"),
      layer: z.discriminatedUnion("type", [...recurrentLayers]).describe("one from each end, their units side by side"),
    }),
    strictObject({ type: z.literal("positions") }).describe("a trained vector for each step, added to it"),
    strictObject({
      type: z.literal("multi_head_attention"),
      heads: z.number().int().min(1).max(256).describe("divides the numbers of a step"),
    }),
    strictObject({
      type: z.literal("attention_pool"),
      units: units.describe("of the question that each step is asked"),
    }),
    strictObject({ type: z.literal("activation"), activation: activationName }),
    strictObject({ type: z.literal("dropout"), rate: z.number().min(0).lt(1).describe("share of the units dropped") }),
    strictObject({
      type: z.literal("spatial_dropout"),
      rate: z.number().min(0).lt(1).describe("share of the channels dropped, in all pixels or steps of a row"),
    }),
    strictObject({ type: z.literal("flatten") }),
    strictObject({
      type: z.literal("reshape"),
      shape: z.array(z.number().int().min(1).max(1_000_000)).min(1).max(4).describe("of a row, of as many numbers"),
    }),
    strictObject({ type: z.literal("threshold") }),
  ])
  .meta({ id: "PlainLayer" });

/** Layers made of lists of others. */
const compositesOf = <Inner extends z.ZodType>(inner: Inner) =>
  [
    strictObject({
      type: z.literal("residual"),
      layers: z.array(inner).min(1).max(100).describe("what is added to the input"),
      projection: z
        .array(inner)
        .max(100)
        .optional()
        .describe("what the input goes through where its shape is not that of the layers' output"),
      activation: activationName.default("identity").describe("of the sum"),
    }),
    strictObject({
      type: z.literal("parallel"),
      branches: z
        .array(z.array(inner).max(100))
        .min(1)
        .max(64)
        .describe("each a list of layers of the same input, [] is the input itself; joined in the last dimension"),
    }),
    strictObject({
      type: z.literal("time_distributed"),
      layer: inner.describe("applied to each step by itself: a convolution to each frame"),
    }),
  ] as const;

export const innerLayer = z
  .discriminatedUnion("type", [plainLayer, ...compositesOf(plainLayer)])
  .meta({ id: "InnerLayer" });

/** Lists of layers may be nested twice. */
export const layer = z.discriminatedUnion("type", [plainLayer, ...compositesOf(innerLayer)]).meta({ id: "Layer" });

const finite = z.number();
/** Numbers nested as deep as the tensor has dimensions: at most the four of a convolution's kernels. */
const tensor = z
  .array(finite)
  .or(z.array(z.array(finite)))
  .or(z.array(z.array(z.array(finite))))
  .or(z.array(z.array(z.array(z.array(finite)))));

/** The parameters of one layer by name, as requests give them and `…/parameters` returns them. */
export const layerParameters = z
  .record(z.string().max(64), tensor)
  .describe("weights [inputs][units] and bias [units] of a dense layer; other layers name and nest theirs");

/** One entry per trainable layer, in layer order: the same shape that `…/parameters` returns. */
export const initialParameters = z
  .array(layerParameters)
  .optional()
  .describe("start from these weights instead of random ones; one entry per trainable layer");
