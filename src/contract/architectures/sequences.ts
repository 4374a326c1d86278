// Architectures for texts and other sequences: their parameters. The networks themselves are in src/architectures/.
import { z } from "zod";
import { initialParameters, units } from "../layer.ts";
import { strictObject } from "../strict-object.ts";

const dropout = z.number().min(0).lt(1);

/** Of sequences of tokens. */
export const vocabulary = z
  .number()
  .int()
  .min(1)
  .max(1_000_000)
  .or(z.literal("auto"))
  .nullable()
  .default("auto")
  .describe(
    "tokens there are; auto: as many as the text feature has; null: the input is numbers and needs no embedding",
  );

export const textCnn = strictObject({
  type: z.literal("text_cnn"),
  vocabulary,
  embedding: units.default(128).describe("numbers for each token; the paper's are 300"),
  filters: units.default(100).describe("of each window"),
  windows: z
    .array(z.number().int().min(1).max(64))
    .min(1)
    .max(16)
    .default([3, 4, 5])
    .describe("tokens that the filters see at a time"),
  dropout: dropout.default(0.5).describe("before the output"),
  initial_parameters: initialParameters,
}).describe("Convolutional network for texts (Kim, 2014)");

export const transformerEncoder = strictObject({
  type: z.literal("transformer_encoder"),
  vocabulary,
  units: units.default(64).describe("numbers for each step, a multiple of heads"),
  heads: z.number().int().min(1).max(64).default(4),
  layers: z.number().int().min(1).max(48).default(2),
  feed_forward: units.default(128).describe("units of the dense layer in each step"),
  dropout: dropout.default(0.1).describe("behind each part of a layer"),
  initial_parameters: initialParameters,
})
  .refine(({ units: count, heads }) => count % heads === 0, {
    path: ["heads"],
    message: "units is not a multiple of heads.\nFor example 64 units and 4 heads.",
  })
  .describe("Encoder of self-attention for texts and sequences of numbers (Vaswani et al., 2017)");

const recurrent = {
  vocabulary,
  embedding: units.default(64).describe("numbers for each token"),
  units: units.default(96).describe("of each layer, in each direction"),
  layers: z.number().int().min(1).max(16).default(1).describe("each reads the states of the one below"),
  bidirectional: z.boolean().default(true).describe("a second state runs from the last step to the first"),
  pooling: z
    .enum(["last", "average", "max", "attention"])
    .default("last")
    .describe("what the output sees: the last state, or all of them; attention: weighted by a trained question"),
  dropout: dropout.default(0.3).describe("between the layers and before the output"),
  recurrent_dropout: dropout.default(0).describe("share of each state that its recurrent weights do not see"),
  initial_parameters: initialParameters,
};

export const rnn = strictObject({ type: z.literal("rnn"), ...recurrent }).describe(
  "Simple recurrent network for texts and sequences of numbers (Elman, 1990)",
);
export const lstm = strictObject({ type: z.literal("lstm"), ...recurrent }).describe(
  "Long short-term memory for texts and sequences of numbers (Hochreiter & Schmidhuber, 1997)",
);
export const gru = strictObject({ type: z.literal("gru"), ...recurrent }).describe(
  "Gated recurrent units for texts and sequences of numbers (Cho et al., 2014)",
);

export const tagger = strictObject({
  type: z.literal("tagger"),
  cell: z.enum(["lstm", "gru", "simple_rnn"]).default("lstm"),
  vocabulary,
  embedding: recurrent.embedding,
  units: recurrent.units,
  layers: recurrent.layers,
  dropout: dropout.default(0.3).describe("behind each recurrent layer"),
  initial_parameters: initialParameters,
}).describe(
  "A label for each token: recurrent layers in both directions (Graves & Schmidhuber, 2005; Huang, Xu & Yu, 2015)",
);

export const seq2seq = strictObject({
  type: z.literal("seq2seq"),
  cell: z.enum(["gru", "lstm"]).default("gru").describe("of encoder and decoder"),
  units: units.default(256).describe("of each recurrent layer"),
  embedding: units.optional().describe("numbers for each token; default: units"),
  layers: z.number().int().min(1).max(8).default(1).describe("recurrent layers on top of each other, on both sides"),
  bidirectional: z
    .boolean()
    .default(true)
    .describe("the encoder reads from both ends, with half of the units from each, which must then be even"),
  attention: z
    .enum(["dot", "additive", "none"])
    .default("dot")
    .describe("how the decoder finds its place among the states of the encoder; none: it is given only the last one"),
  dropout: dropout.default(0.2).describe("on what each recurrent layer reads, and on the output"),
  initial_parameters: initialParameters,
}).describe(
  "Encoder and decoder with attention: texts into texts (Cho et al., 2014; Sutskever, Vinyals & Le, 2014; Bahdanau, Cho & Bengio, 2015; Luong, Pham & Manning, 2015)",
);
