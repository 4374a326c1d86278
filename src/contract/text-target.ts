// A target that is a text: how it becomes tokens, and how a trained network writes it.
import { z } from "zod";
import { strictObject } from "./strict-object.ts";

const count = (least: number, most: number) => z.number().int().min(least).max(most);

/** Where neither the request nor the architecture says. */
export const usualTargetTokens = { encoding: "byte_pair_ids", vocabulary_size: 5000, max_length: 64 } as const;

export const targetTokens = strictObject({
  encoding: z
    .enum(["byte_pair_ids", "word_ids", "character_ids"])
    .optional()
    .describe(
      `default: the architecture's, else ${usualTargetTokens.encoding}. Byte pairs and characters can write any text of the training rows; words only in lower case, without marks`,
    ),
  vocabulary_size: count(5, 100_000)
    .optional()
    .describe(
      `tokens at most, default ${usualTargetTokens.vocabulary_size}: the most frequent of the training rows; four of them mean padding, unknown, start and end`,
    ),
  max_length: count(2, 10_000)
    .optional()
    .describe(
      `tokens of a text and its end, default ${usualTargetTokens.max_length}: longer ones are cut in training, and none is written`,
    ),
}).describe("sequence: how the target becomes tokens");

/** With every default. */
export interface TargetTokens {
  encoding: "byte_pair_ids" | "word_ids" | "character_ids";
  vocabulary_size: number;
  max_length: number;
}

/** Of a model, and of a single call. */
export const decodingOptions = {
  beam_width: count(1, 32)
    .optional()
    .describe(
      "sequence: texts that are kept while they are written, to find a likelier one; default 1, the likeliest token",
    ),
  length_penalty: z
    .number()
    .min(0)
    .max(2)
    .optional()
    .describe(
      "sequence, not of sounds: texts are compared by log-probability / length ** length_penalty; default 1, the mean of a token",
    ),
};

export interface DecodingOptions {
  beam_width?: number | undefined;
  length_penalty?: number | undefined;
}
