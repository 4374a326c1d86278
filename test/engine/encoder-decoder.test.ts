import { describe, expect, it } from "vitest";
import type { EncoderDecoderSpec } from "../../src/engine/layers/encoder-decoder.ts";
import { differenceFromPyTorch } from "./golden-network.ts";

describe("an encoder and decoder trains as PyTorch's does", () => {
  it.each<[string, Partial<EncoderDecoderSpec>]>([
    ["gru", {}],
    ["additive", { attention: "additive" }],
    ["bidirectional", { bidirectional: true }],
    ["lstm", { cell: "lstm", layers: 2, attention: "none", embedding: 3 }],
  ])("%s, rows of different lengths", (name, more) => {
    const difference = differenceFromPyTorch(
      `encoder-decoder-${name}.json`,
      [4 + 3],
      [
        {
          type: "encoder_decoder",
          source_vocabulary: 6,
          target_vocabulary: 5,
          source_length: 4,
          units: 4,
          padded: true,
          ...more,
        },
        { type: "dense", units: 5 },
      ],
    );
    expect(difference).toBeLessThan(1e-9);
  });
});
