// One feature of a job: a column, and how it enters the network. Every option is flat and optional; one that means
// nothing for the type of the feature is refused by name.
import { z } from "zod";
import { augmentation } from "./augmentation.ts";
import { type ColumnType, columnType } from "./dataset.ts";
import { strictObject } from "./strict-object.ts";

export const columnName = z.string().min(1).max(256);

export const dateParts = ["year", "month", "weekday", "hour"] as const;
export type DatePart = (typeof dateParts)[number];

const count = (least: number, most: number) => z.number().int().min(least).max(most);

const side = z.tuple([count(1, 1024), count(1, 1024)]);

export const featureSpec = strictObject({
  name: columnName,
  type: columnType.optional().describe("default: the column's type"),
  // numbers
  scale: z
    .enum(["auto", "standard", "min_max", "quantile_normal", "quantile_uniform", "none"])
    .optional()
    .describe(
      "numbers; auto: none for columns of 0 and 1, else standard; quantile_*: ranks among the training rows. Images: standard by channel (the default), else pixel / 255",
    ),
  missing: z.enum(["mean", "median"]).or(z.number()).optional().describe("what stands for a missing number"),
  indicator: z.boolean().optional().describe("numbers: one more input that is 1 where the value is missing"),
  // categories
  max_categories: count(2, 10_000)
    .optional()
    .describe("inputs at most, default 1000; beyond it the most frequent ones stay and the others share one input"),
  // dates
  parts: z
    .array(z.enum(dateParts))
    .min(1)
    .optional()
    .describe("of a date; default: those that vary in the training rows"),
  // texts
  encoding: z
    .enum(["tf_idf", "counts", "word_ids", "character_ids", "byte_pair_ids", "item_ids", "tokenizer"])
    .optional()
    .describe(
      "texts; tf_idf (default): counts of terms, weighted by rarity, of length 1; counts: as they are; *_ids and tokenizer: a sequence of token numbers for an embedding; item_ids: what stands between blanks, or the strings of a JSON list, as they are",
    ),
  units: z
    .enum(["words", "characters"])
    .optional()
    .describe("terms of a text; default: words, of single words characters"),
  ngrams: z
    .tuple([count(1, 8), count(1, 8)])
    .refine(([least, most]) => least <= most, {
      message: "The first of ngrams is the smaller one.\nFor example [1,2].",
    })
    .optional()
    .describe("terms are runs of so many units, from … to; default [1,1] of words, [1,3] of characters"),
  vocabulary_size: count(1, 100_000)
    .optional()
    .describe("terms or tokens at most, the most frequent of the training rows; default 5000"),
  max_length: count(1, 100_000)
    .optional()
    .describe("tokens of a text, default 64; steps of a sequence, default its length. Longer ones are cut"),
  padding: z.enum(["front", "back"]).optional().describe("where token 0 fills up a shorter text; default: front"),
  boundaries: z.boolean().optional().describe("a start token (2) and an end token (3) around the text"),
  tokenizer: z
    .record(z.string(), z.unknown())
    .optional()
    .describe("the content of a tokenizer.json; sets encoding to tokenizer"),
  // images
  crop: side.optional().describe("[height, width] of the middle of an image that is kept"),
  size: side.optional().describe("[height, width] that an image is resized to, after crop"),
  channels: z.literal([1, 3]).optional().describe("of an image; 1: grey; default: as the images have"),
  // images and sounds
  augment: augmentation.optional().describe("by chance, anew in every epoch, of training rows only"),
  // sounds
  representation: z.enum(["log_mel", "mfcc"]).optional().describe("of a sound, frame by frame; default: log_mel"),
  bands: count(2, 256).optional().describe("mel bands, default 40"),
  coefficients: count(1, 256).optional().describe("of mfcc per frame, default 13"),
  window_ms: z.number().positive().max(1000).optional().describe("length of a frame, default 25"),
  hop_ms: z.number().positive().max(1000).optional().describe("from one frame to the next, default 10"),
  max_seconds: z
    .number()
    .positive()
    .max(60)
    .or(z.literal("auto"))
    .optional()
    .describe("longer sounds are cut, shorter ones end in silence; default 1; auto: as the longest of the dataset"),
  layout: z
    .enum(["sequence", "image"])
    .optional()
    .describe("sounds: [frames, bands], or [frames, bands, 1]; default: sequence"),
}).meta({ id: "Feature" });

/** A feature as a request may ask for it. */
export type FeatureRequest = z.output<typeof featureSpec>;
export type FeatureOptions = Omit<FeatureRequest, "name" | "type">;

/** How columns become inputs where the request does not say, by what they hold; `word`: texts of single words. */
export type FeatureDefaults = { readonly [Kind in ColumnType | "word"]?: FeatureOptions };
