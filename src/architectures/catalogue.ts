// The closed table of architectures: a new one is one file and one row here (and its schema in contract/architecture.ts).
import { z } from "zod";
import {
  type ArchitectureType,
  auto as autoSchema,
  mccullochPitts as mccullochPittsSchema,
  mlp as mlpSchema,
  perceptron as perceptronSchema,
  sequential as sequentialSchema,
} from "../contract/architecture.ts";
import {
  alexnet as alexnetSchema,
  lenet5 as lenet5Schema,
  resnet as resnetSchema,
  vgg as vggSchema,
} from "../contract/architectures/images.ts";
import {
  gru as gruSchema,
  lstm as lstmSchema,
  rnn as rnnSchema,
  seq2seq as seq2seqSchema,
  tagger as taggerSchema,
  textCnn as textCnnSchema,
  transformerEncoder as transformerEncoderSchema,
} from "../contract/architectures/sequences.ts";
import { autoencoder as autoencoderSchema } from "../contract/architectures/autoencoders.ts";
import { forecaster as forecasterSchema } from "../contract/architectures/series.ts";
import {
  speechCnn as speechCnnSchema,
  speechCtc as speechCtcSchema,
  speechDnn as speechDnnSchema,
  speechRnn as speechRnnSchema,
} from "../contract/architectures/sounds.ts";
import { alexnet } from "./alexnet.ts";
import type { ArchitectureDefinition } from "./architecture.ts";
import { auto } from "./auto.ts";
import { autoencoder } from "./autoencoder.ts";
import { forecaster } from "./forecaster.ts";
import { gru } from "./gru.ts";
import { lenet5 } from "./lenet5.ts";
import { lstm } from "./lstm.ts";
import { mccullochPitts } from "./mcculloch-pitts.ts";
import { mlp } from "./mlp.ts";
import { perceptron } from "./perceptron.ts";
import { resnet } from "./resnet.ts";
import { rnn } from "./rnn.ts";
import { seq2seq } from "./seq2seq.ts";
import { sequential } from "./sequential.ts";
import { speechCnn } from "./speech-cnn.ts";
import { speechCtc } from "./speech-ctc.ts";
import { speechDnn } from "./speech-dnn.ts";
import { speechRnn } from "./speech-rnn.ts";
import { tagger } from "./tagger.ts";
import { textCnn } from "./text-cnn.ts";
import { transformerEncoder } from "./transformer-encoder.ts";
import { vgg } from "./vgg.ts";

const architectures: { [Type in ArchitectureType]: { definition: unknown; schema: z.ZodType } } = {
  auto: { definition: auto, schema: autoSchema },
  mlp: { definition: mlp, schema: mlpSchema },
  mcculloch_pitts: { definition: mccullochPitts, schema: mccullochPittsSchema },
  perceptron: { definition: perceptron, schema: perceptronSchema },
  sequential: { definition: sequential, schema: sequentialSchema },
  lenet5: { definition: lenet5, schema: lenet5Schema },
  alexnet: { definition: alexnet, schema: alexnetSchema },
  vgg: { definition: vgg, schema: vggSchema },
  resnet: { definition: resnet, schema: resnetSchema },
  text_cnn: { definition: textCnn, schema: textCnnSchema },
  rnn: { definition: rnn, schema: rnnSchema },
  lstm: { definition: lstm, schema: lstmSchema },
  gru: { definition: gru, schema: gruSchema },
  transformer_encoder: { definition: transformerEncoder, schema: transformerEncoderSchema },
  seq2seq: { definition: seq2seq, schema: seq2seqSchema },
  tagger: { definition: tagger, schema: taggerSchema },
  speech_dnn: { definition: speechDnn, schema: speechDnnSchema },
  speech_cnn: { definition: speechCnn, schema: speechCnnSchema },
  speech_rnn: { definition: speechRnn, schema: speechRnnSchema },
  speech_ctc: { definition: speechCtc, schema: speechCtcSchema },
  forecaster: { definition: forecaster, schema: forecasterSchema },
  autoencoder: { definition: autoencoder, schema: autoencoderSchema },
};

/** The definition for a request's architecture; its functions take exactly that request's parameters. */
export function architectureOf(type: ArchitectureType): ArchitectureDefinition {
  return architectures[type].definition as ArchitectureDefinition;
}

/** One entry of the catalogue, as the API shows it. */
export function describeArchitecture(type: ArchitectureType) {
  const { title, source, defaults = {}, example } = architectureOf(type);
  const { hyperparameters = {}, features = {}, targetTokens } = defaults;
  const schema = z.toJSONSchema(architectures[type].schema, { io: "input" }) as Record<string, unknown>;
  return {
    object: "architecture" as const,
    type,
    title,
    source,
    schema,
    defaults: { hyperparameters, features, ...(targetTokens && { target_tokens: targetTokens }) },
    example,
  };
}
