// Transformer encoder that answers for a whole sequence. Vaswani et al., "Attention is all you need", 2017; normalisation
// before each part, so that deep ones train without a warm-up: Xiong et al., 2020.
//   each step a vector, and its position · layers of self-attention and of a dense network in each step · average · output
import type { z } from "zod";
import type { transformerEncoder as transformerEncoderSchema } from "../contract/architectures/sequences.ts";
import type { LayerSpec } from "../engine/layers/catalogue.ts";
import type { ArchitectureDefinition } from "./architecture.ts";
import { outputLayer } from "./head.ts";
import { embedded, sequenceDefaults, sequenceFaults, withVocabulary } from "./sequences.ts";
import { wordsExample } from "./text-rows.ts";

export const transformerEncoder: ArchitectureDefinition<z.output<typeof transformerEncoderSchema>> = {
  type: "transformer_encoder",
  title: "Transformer encoder",
  source: "Vaswani et al., 2017; Xiong et al., 2020",
  example: wordsExample({ type: "transformer_encoder", units: 16, heads: 2 }),
  defaults: {
    ...sequenceDefaults,
    hyperparameters: { ...sequenceDefaults.hyperparameters, optimizer: { type: "adam", learning_rate: 0.001 } },
  },
  check: (parameters, task) => sequenceFaults("transformer_encoder", parameters, task, true),
  resolve: (parameters, _head, task) => withVocabulary(parameters, task),
  build(parameters, _inputShape, head) {
    const { vocabulary, units, heads, layers: count, feed_forward, dropout } = parameters;
    const dropped: LayerSpec[] = dropout > 0 ? [{ type: "dropout", rate: dropout }] : [];
    const added = (...layers: LayerSpec[]): LayerSpec => ({
      type: "residual",
      layers: [{ type: "layer_norm" }, ...layers, ...dropped],
    });
    const layer = [
      added({ type: "multi_head_attention", heads }),
      added({ type: "dense", units: feed_forward, activation: "gelu" }, { type: "dense", units }),
    ];
    return {
      layers: [
        ...(vocabulary === null ? [{ type: "dense" as const, units }] : embedded({ vocabulary, embedding: units })),
        { type: "positions" },
        ...Array.from({ length: count }, () => layer).flat(),
        { type: "layer_norm" },
        { type: "global_average_pool" },
        outputLayer(head),
      ],
    };
  },
};
