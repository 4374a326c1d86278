// Sequence to sequence. Cho et al., "Learning phrase representations using RNN encoder–decoder for statistical machine
// translation", 2014; Sutskever, Vinyals & Le, "Sequence to sequence learning with neural networks", 2014; attention:
// Bahdanau, Cho & Bengio, "Neural machine translation by jointly learning to align and translate", 2015 (additive);
// Luong, Pham & Manning, "Effective approaches to attention-based neural machine translation", 2015 (dot).
import type { z } from "zod";
import type { seq2seq as seq2seqSchema } from "../contract/architectures/sequences.ts";
import type { LayerSpec } from "../engine/layers/catalogue.ts";
import type { Fault } from "../errors.ts";
import type { ArchitectureDefinition } from "./architecture.ts";
import { outputLayer } from "./head.ts";

export const seq2seq: ArchitectureDefinition<z.output<typeof seq2seqSchema>> = {
  type: "seq2seq",
  title: "Sequence to sequence with attention",
  source: "Cho et al., 2014; Sutskever, Vinyals & Le, 2014; Luong, Pham & Manning, 2015",
  example: {
    name: "backwards",
    architecture: { type: "seq2seq", units: 32, dropout: 0 },
    dataset: {
      rows: reversals(),
      target: "backwards",
      features: [{ name: "letters", type: "text", encoding: "character_ids", max_length: 4 }],
      target_tokens: { encoding: "character_ids", max_length: 5 },
    },
    hyperparameters: { epochs: 80, optimizer: { type: "adam", learning_rate: 0.01 } },
  },
  task: "sequence",
  stepLosses: { sequence: "cross_entropy" },
  defaults: {
    features: { text: { encoding: "byte_pair_ids" }, word: { encoding: "byte_pair_ids" } },
    hyperparameters: {
      batch_size: 64,
      optimizer: { type: "adam", learning_rate: 0.001 },
      schedule: { type: "cosine" },
      gradient_clip: { norm: 1 },
    },
  },
  check({ units, bidirectional }, { tokens }) {
    const faults: Fault[] = [];
    if (bidirectional && units % 2 !== 0) {
      faults.push({
        pointer: "/architecture/units",
        code: "odd_units",
        detail: `A bidirectional encoder has half of the units in each direction, and ${units} is odd.`,
        hint: `Ask for ${units + 1} units, or set "bidirectional": false.`,
      });
    }
    if (tokens === undefined) {
      faults.push({
        pointer: "/dataset/features",
        code: "needs_tokens",
        detail: "seq2seq reads one text as tokens of a vocabulary.",
        hint: 'Name it in features: {"name":…,"type":"text","encoding":"byte_pair_ids"}.',
      });
    }
    return faults;
  },
  build({ cell, units, embedding = units, layers, bidirectional, attention, dropout }, [sourceLength], head, tokens) {
    const { steps, units: targetVocabulary } = head;
    if (steps === undefined || tokens === undefined) throw new Error("seq2seq is for sequences of tokens");
    const encoderDecoder: LayerSpec = {
      type: "encoder_decoder",
      source_vocabulary: tokens,
      target_vocabulary: targetVocabulary,
      source_length: sourceLength,
      units,
      embedding,
      cell,
      layers,
      bidirectional,
      attention,
      dropout,
      padded: true,
    };
    const dropped: LayerSpec[] = dropout > 0 ? [{ type: "dropout", rate: dropout }] : [];
    return { layers: [encoderDecoder, ...dropped, outputLayer(head)], inputShape: [sourceLength + steps] };
  },
};

/** Every word of two to four of the letters a, b and c, and the same backwards. */
function reversals(): { letters: string; backwards: string }[] {
  const letters = ["a", "b", "c"];
  const longer = (words: string[]): string[] => words.flatMap((word) => letters.map((letter) => word + letter));
  const two = longer(letters);
  const three = longer(two);
  return [...two, ...three, ...longer(three)].map((word) => ({
    letters: word,
    backwards: Array.from(word).toReversed().join(""),
  }));
}
