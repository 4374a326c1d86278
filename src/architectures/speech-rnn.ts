// Recurrent network for speech. Graves, Mohamed & Hinton, "Speech recognition with deep recurrent neural networks", 2013.
// Layers in both directions, one above the other; the answer is made from the average of all states, so that silence at the
// end of a short sound is not the last thing the network has heard.
import type { z } from "zod";
import type { speechRnn as speechRnnSchema } from "../contract/architectures/sounds.ts";
import type { ArchitectureDefinition } from "./architecture.ts";
import { recurrentLayers } from "./recurrent.ts";
import { framesAs, framesExample, soundDefaults, soundFaults } from "./sounds.ts";

export const speechRnn: ArchitectureDefinition<z.output<typeof speechRnnSchema>> = {
  type: "speech_rnn",
  title: "Recurrent network for speech",
  source: "Graves, Mohamed & Hinton, 2013",
  example: framesExample({ type: "speech_rnn", units: 16, layers: 1 }),
  defaults: {
    ...soundDefaults,
    hyperparameters: { ...soundDefaults.hyperparameters, optimizer: { type: "adam", learning_rate: 0.003 } },
  },
  check: (_parameters, task) => soundFaults("speech_rnn", task),
  build({ cell, ...parameters }, inputShape, head) {
    const reading = { vocabulary: null, embedding: 1, bidirectional: true, pooling: "average" } as const;
    const { layers } = recurrentLayers(cell, { ...parameters, ...reading, recurrent_dropout: 0 }, head);
    return { layers: [...framesAs(inputShape, "sequence"), ...layers] };
  },
};
