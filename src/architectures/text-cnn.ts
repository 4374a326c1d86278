// Convolutional network for texts. Kim, "Convolutional neural networks for sentence classification", 2014.
//   each token a vector · for each window length: filters over so many tokens, the largest of all places · joined · output
// The vectors start at random and are trained: the paper's CNN-rand.
import type { z } from "zod";
import type { textCnn as textCnnSchema } from "../contract/architectures/sequences.ts";
import type { LayerSpec } from "../engine/layers/catalogue.ts";
import type { ArchitectureDefinition } from "./architecture.ts";
import { outputLayer } from "./head.ts";
import { embedded, sequenceDefaults, sequenceFaults, withVocabulary } from "./sequences.ts";
import { textsExample } from "./text-rows.ts";

export const textCnn: ArchitectureDefinition<z.output<typeof textCnnSchema>> = {
  type: "text_cnn",
  title: "Convolutional network for texts",
  source: "Kim, 2014",
  example: textsExample({ type: "text_cnn" }),
  defaults: {
    ...sequenceDefaults,
    hyperparameters: {
      batch_size: 50,
      optimizer: { type: "adam", learning_rate: 0.001 },
      schedule: { type: "cosine" },
    },
  },
  check: (parameters, task) => sequenceFaults("text_cnn", parameters, task, true),
  resolve: (parameters, _head, task) => withVocabulary(parameters, task),
  build(parameters, _inputShape, head) {
    const { filters, windows, dropout } = parameters;
    const branches = windows.map((window): LayerSpec[] => [
      { type: "conv1d", filters, kernel_size: window, padding: "same", activation: "relu" },
      { type: "global_max_pool" },
    ]);
    return {
      layers: [
        ...embedded(parameters),
        { type: "parallel", branches },
        ...(dropout > 0 ? [{ type: "dropout" as const, rate: dropout }] : []),
        outputLayer(head),
      ],
    };
  },
};
