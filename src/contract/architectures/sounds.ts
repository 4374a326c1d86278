// Architectures for speech, over log-mel energies: their parameters. The networks themselves are in src/architectures/.
import { z } from "zod";
import { initialParameters, units } from "../layer.ts";
import { strictObject } from "../strict-object.ts";

const dropout = z.number().min(0).lt(1);

export const speechDnn = strictObject({
  type: z.literal("speech_dnn"),
  hidden: z.array(units).min(1).max(16).default([512, 512, 256]).describe("units of each hidden layer"),
  dropout: dropout.default(0.4).describe("after each hidden layer"),
  initial_parameters: initialParameters,
}).describe("Deep network over all frames of a sound beside each other (Hinton et al., 2012)");

export const speechCnn = strictObject({
  type: z.literal("speech_cnn"),
  filters: z
    .array(units)
    .min(1)
    .max(6)
    .default([32, 64, 128])
    .describe("of each block; each block halves frames and bands"),
  dropout: dropout.default(0.3).describe("before the output"),
  initial_parameters: initialParameters,
}).describe("Convolutions over frames and bands, as over an image (Abdel-Hamid et al., 2014)");

export const speechRnn = strictObject({
  type: z.literal("speech_rnn"),
  cell: z.enum(["gru", "lstm", "simple_rnn"]).default("gru"),
  units: units.default(64).describe("of each layer, in each direction"),
  layers: z.number().int().min(1).max(8).default(2),
  dropout: dropout.default(0.3).describe("between the layers and before the output"),
  initial_parameters: initialParameters,
}).describe("Recurrent layers in both directions over the frames (Graves, Mohamed & Hinton, 2013)");

export const speechCtc = strictObject({
  type: z.literal("speech_ctc"),
  convolutions: z
    .array(units)
    .max(6)
    .default([64, 64])
    .describe("filters of each convolution before the recurrent layers; each halves the number of frames"),
  cell: z.enum(["gru", "lstm", "simple_rnn"]).default("gru"),
  units: units.default(96).describe("of each recurrent layer, in each direction"),
  layers: z.number().int().min(1).max(8).default(1).describe("recurrent layers"),
  dropout: dropout.default(0.3).describe("behind each recurrent layer"),
  initial_parameters: initialParameters,
}).describe(
  "Sounds into texts: convolutions, recurrent layers in both directions, a token or none in each frame (Graves, Fernández, Gomez & Schmidhuber, 2006)",
);
