// Sounds into texts. Graves, Fernández, Gomez & Schmidhuber, "Connectionist temporal classification: labelling unsegmented
// sequence data with recurrent neural networks", 2006; convolutions that shorten the sound before it is read: Amodei et al.,
// "Deep Speech 2", 2016. Nothing says when a word is spoken: the loss sums over all times at which it may be.
import type { z } from "zod";
import type { speechCtc as speechCtcSchema } from "../contract/architectures/sounds.ts";
import type { LayerSpec } from "../engine/layers/catalogue.ts";
import type { ArchitectureDefinition } from "./architecture.ts";
import { outputLayer } from "./head.ts";
import { stateLayers } from "./recurrent.ts";
import { framesAs, soundDefaults, soundFaults } from "./sounds.ts";

export const speechCtc: ArchitectureDefinition<z.output<typeof speechCtcSchema>> = {
  type: "speech_ctc",
  title: "Sounds into texts, without their times",
  source: "Graves, Fernández, Gomez & Schmidhuber, 2006",
  example: {
    name: "letters-of-frames",
    architecture: { type: "speech_ctc", convolutions: [], units: 16, dropout: 0 },
    dataset: { rows: spelledWords(), target: "word", target_tokens: { max_length: 3 } },
    hyperparameters: { epochs: 60, optimizer: { type: "adam", learning_rate: 0.02 } },
  },
  task: "sequence",
  stepLosses: { sequence: "ctc" },
  defaults: {
    features: { audio: { ...soundDefaults.features?.audio, max_seconds: "auto" } },
    hyperparameters: { ...soundDefaults.hyperparameters, optimizer: { type: "adam", learning_rate: 0.002 } },
    targetTokens: { encoding: "character_ids", vocabulary_size: 200, max_length: 100 },
  },
  check: (_parameters, task) => soundFaults("speech_ctc", task),
  build({ cell, convolutions, units, layers, dropout }, inputShape, head) {
    const shorter = convolutions.map((filters): LayerSpec => {
      return { type: "conv1d", filters, kernel_size: 5, stride: 2, padding: "same", activation: "relu" };
    });
    const states = stateLayers(cell, { units, layers, bidirectional: true, dropout }, "all");
    return { layers: [...framesAs(inputShape, "sequence"), ...shorter, ...states, outputLayer(head)] };
  },
};

/** Words of one to three of the letters a, b and c, as frames of three numbers: a letter is heard longer or shorter. */
function spelledWords(): { frames: number[][]; word: string }[] {
  const letters = ["a", "b", "c"];
  const longer = (words: string[]): string[] => words.flatMap((word) => letters.map((letter) => word + letter));
  const two = longer(letters);
  return [...letters, ...two, ...longer(two)].map((word, row) => {
    const heard = Array.from(word).flatMap((letter, place) => {
      const frame = letters.map((one) => Number(one === letter));
      return [...Array.from({ length: 2 + ((row + place) % 3) }, () => frame), [0, 0, 0]];
    });
    const silence = Array.from({ length: 15 - heard.length }, () => [0, 0, 0]);
    return { frames: [...heard, ...silence], word };
  });
}
