import { describe, expect, it } from "vitest";
import type { EncoderDecoderSpec } from "../../src/engine/layers/encoder-decoder.ts";
import { differenceFromPyTorch } from "./golden-network.ts";

describe("an encoder and decoder trains as PyTorch's does", () => {
  it.each<["gru" | "lstm", string, Partial<EncoderDecoderSpec>]>([
    ["gru", "one GRU layer with attention", {}],
    ["lstm", "two LSTM layers without attention, narrower embeddings", { layers: 2, attention: "none", embedding: 3 }],
  ])("%s: %s, rows of different lengths", (cell, _name, more) => {
    const difference = differenceFromPyTorch(
      `encoder-decoder-${cell}.json`,
      [4 + 3],
      [
        {
          type: "encoder_decoder",
          source_vocabulary: 6,
          target_vocabulary: 5,
          source_length: 4,
          units: 4,
          cell,
          padded: true,
          ...more,
        },
        { type: "dense", units: 5 },
      ],
    );
    expect(difference).toBeLessThan(1e-9);
  });
});
