// Convolutional network for speech. Abdel-Hamid, Mohamed, Jiang, Deng, Penn & Yu, "Convolutional neural networks for speech
// recognition", 2014. Frames × bands are an image; the average over all places makes the length of the sound matter less.
import type { z } from "zod";
import type { speechCnn as speechCnnSchema } from "../contract/architectures/sounds.ts";
import type { LayerSpec } from "../engine/layers/catalogue.ts";
import type { ArchitectureDefinition } from "./architecture.ts";
import { outputLayer } from "./head.ts";
import { framesAs, framesExample, soundDefaults, soundFaults } from "./sounds.ts";

export const speechCnn: ArchitectureDefinition<z.output<typeof speechCnnSchema>> = {
  type: "speech_cnn",
  title: "Convolutional network for speech",
  source: "Abdel-Hamid et al., 2014",
  example: framesExample({ type: "speech_cnn", filters: [8] }),
  defaults: soundDefaults,
  check: (_parameters, task) => soundFaults("speech_cnn", task),
  build({ filters, dropout }, inputShape, head) {
    let sides = inputShape.slice(0, 2);
    const blocks = filters.flatMap((count): LayerSpec[] => {
      const pool_size = sides.map((side) => Math.min(2, side)) as [number, number];
      sides = sides.map((side) => Math.max(1, Math.floor(side / 2)));
      return [
        { type: "conv2d", filters: count, kernel_size: 3, padding: "same", use_bias: false },
        { type: "batch_norm" },
        { type: "activation", activation: "relu" },
        { type: "max_pool2d", pool_size },
      ];
    });
    return {
      layers: [
        ...framesAs(inputShape, "image"),
        ...blocks,
        { type: "global_average_pool" },
        ...(dropout > 0 ? [{ type: "dropout" as const, rate: dropout }] : []),
        outputLayer(head),
      ],
    };
  },
};
