// Deep network for speech. Hinton, Deng, Yu et al., "Deep neural networks for acoustic modeling in speech recognition", 2012.
// All frames of a sound beside each other, hidden layers with batch normalisation in place of the paper's pretraining.
import type { z } from "zod";
import type { speechDnn as speechDnnSchema } from "../contract/architectures/sounds.ts";
import type { LayerSpec } from "../engine/layers/catalogue.ts";
import type { ArchitectureDefinition } from "./architecture.ts";
import { outputLayer } from "./head.ts";
import { framesExample, soundDefaults, soundFaults } from "./sounds.ts";

export const speechDnn: ArchitectureDefinition<z.output<typeof speechDnnSchema>> = {
  type: "speech_dnn",
  title: "Deep network for speech",
  source: "Hinton et al., 2012",
  example: framesExample({ type: "speech_dnn", hidden: [64] }),
  defaults: soundDefaults,
  check: (_parameters, task) => soundFaults("speech_dnn", task),
  build({ hidden, dropout }, _inputShape, head) {
    const layers = hidden.flatMap((units): LayerSpec[] => [
      { type: "dense", units, use_bias: false },
      { type: "batch_norm" },
      { type: "activation", activation: "relu" },
      ...(dropout > 0 ? [{ type: "dropout" as const, rate: dropout }] : []),
    ]);
    return { layers: [{ type: "flatten" }, ...layers, outputLayer(head)] };
  },
};
