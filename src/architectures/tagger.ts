// A label for each token. Graves & Schmidhuber, "Framewise phoneme classification with bidirectional LSTM", 2005; of words:
// Huang, Xu & Yu, "Bidirectional LSTM-CRF models for sequence tagging", 2015, without its last layer.
//   tokens become vectors · states in both directions · the output in each step
import type { z } from "zod";
import type { tagger as taggerSchema } from "../contract/architectures/sequences.ts";
import type { ArchitectureDefinition } from "./architecture.ts";
import { outputLayer } from "./head.ts";
import { stateLayers } from "./recurrent.ts";
import { embedded, sequenceDefaults, sequenceFaults, withVocabulary } from "./sequences.ts";
import { taggedRows } from "./text-rows.ts";

export const tagger: ArchitectureDefinition<z.output<typeof taggerSchema>> = {
  type: "tagger",
  title: "A label for each token",
  source: "Graves & Schmidhuber, 2005; Huang, Xu & Yu, 2015",
  example: {
    name: "parts-of-speech",
    architecture: { type: "tagger", embedding: 16, units: 16 },
    dataset: { rows: taggedRows(), target: "tags", features: [{ name: "tokens", type: "text", max_length: 8 }] },
    hyperparameters: { epochs: 40, optimizer: { type: "adam", learning_rate: 0.01 } },
  },
  task: "tagging",
  stepLosses: { tagging: "cross_entropy" },
  defaults: {
    features: {
      text: { encoding: "item_ids", max_length: 64 },
      word: { encoding: "item_ids", max_length: 64 },
    },
    hyperparameters: sequenceDefaults.hyperparameters,
  },
  resolve: (parameters, _head, task) => withVocabulary(parameters, task),
  check: (parameters, task) => sequenceFaults("tagger", parameters, task, false),
  build(parameters, _inputShape, head) {
    const states = stateLayers(parameters.cell, { ...parameters, bidirectional: true }, "all");
    return { layers: [...embedded(parameters), ...states, outputLayer(head)] };
  },
};
