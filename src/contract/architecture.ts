// Architectures: what a job may ask for. The general form is a list of layers; the named ones are of the field.
import { z } from "zod";
import { autoencoder } from "./architectures/autoencoders.ts";
import { alexnet, lenet5, resnet, vgg } from "./architectures/images.ts";
import { gru, lstm, rnn, seq2seq, tagger, textCnn, transformerEncoder } from "./architectures/sequences.ts";
import { forecaster } from "./architectures/series.ts";
import { speechCnn, speechCtc, speechDnn, speechRnn } from "./architectures/sounds.ts";
import { activationName, initialParameters, layer, units } from "./layer.ts";
import { strictObject } from "./strict-object.ts";

const finite = z.number();

export const mlp = strictObject({
  type: z.literal("mlp"),
  hidden: z
    .array(units)
    .max(64)
    .default([16])
    .describe("units of each hidden layer; [] is the single-layer delta rule"),
  activation: activationName.exclude(["softmax"]).default("relu").describe("of the hidden layers"),
  output_activation: activationName
    .or(z.literal("auto"))
    .default("auto")
    .describe("auto: softmax or sigmoid for classes, identity for numbers"),
  dropout: z.number().min(0).lt(1).default(0).describe("after each hidden layer"),
  initial_parameters: initialParameters,
}).describe("Multilayer perceptron with backpropagation (Rumelhart, Hinton & Williams, 1986)");

export const mccullochPitts = strictObject({
  type: z.literal("mcculloch_pitts"),
  weights: z.array(finite).min(1).max(10_000).describe("one per input"),
  threshold: finite.describe("the unit fires when the weighted sum reaches it"),
}).describe("Threshold unit with fixed weights (McCulloch & Pitts, 1943): evaluated and published, never trained");

export const perceptron = strictObject({
  type: z.literal("perceptron"),
  initial_parameters: initialParameters,
}).describe("One threshold unit with Rosenblatt's rule (1958): stops after a pass without an error");

export const sequential = strictObject({
  type: z.literal("sequential"),
  layers: z.array(layer).min(1).max(500),
  initial_parameters: initialParameters,
}).describe("Any list of layers; the last one gives the outputs");

export const auto = strictObject({ type: z.literal("auto") }).describe(
  "Chosen by what a row is and how many there are; the resolved job has the choice, its warnings the reason",
);

export const architecture = z
  .discriminatedUnion("type", [
    mlp,
    mccullochPitts,
    perceptron,
    sequential,
    lenet5,
    alexnet,
    vgg,
    resnet,
    textCnn,
    rnn,
    lstm,
    gru,
    transformerEncoder,
    seq2seq,
    tagger,
    speechDnn,
    speechCnn,
    speechRnn,
    speechCtc,
    forecaster,
    autoencoder,
    auto,
  ])
  .meta({ id: "Architecture" });
export type Architecture = z.output<typeof architecture>;
export type ArchitectureType = Architecture["type"];

export const architectureTypes = [
  "mlp",
  "mcculloch_pitts",
  "perceptron",
  "sequential",
  "lenet5",
  "alexnet",
  "vgg",
  "resnet",
  "text_cnn",
  "rnn",
  "lstm",
  "gru",
  "transformer_encoder",
  "seq2seq",
  "tagger",
  "speech_dnn",
  "speech_cnn",
  "speech_rnn",
  "speech_ctc",
  "forecaster",
  "autoencoder",
  "auto",
] as const satisfies readonly ArchitectureType[];

export const architectureEntry = z
  .object({
    object: z.literal("architecture"),
    type: z.enum(architectureTypes),
    title: z.string(),
    source: z.string().describe("the paper"),
    schema: z.record(z.string(), z.unknown()).describe("JSON Schema of `architecture`"),
    defaults: z
      .object({
        hyperparameters: z.record(z.string(), z.unknown()),
        features: z.record(z.string(), z.unknown()),
        target_tokens: z.record(z.string(), z.unknown()).optional(),
      })
      .describe("what a job gets where it says nothing; features by type of column, word: texts of single words"),
    example: z.record(z.string(), z.unknown()).describe("a body for POST /v1/jobs"),
  })
  .meta({ id: "ArchitectureEntry" });

export const architectureList = z
  .object({ object: z.literal("list"), data: z.array(architectureEntry), has_more: z.boolean() })
  .meta({ id: "ArchitectureList" });
