// Models: a name, its immutable versions, and predictions by them.
import { z } from "zod";
import { columnType } from "./dataset.ts";
import { fieldPolicy } from "./field-policy.ts";
import { modelName } from "./job.ts";
import { layerParameters } from "./layer.ts";
import { listOf, pageQuery, timestamp } from "./primitives.ts";
import { strictObject } from "./strict-object.ts";
import { decodingOptions } from "./text-target.ts";

export const modelInput = z.object({
  name: z.string(),
  type: columnType,
  required: z.boolean(),
  nullable: z.boolean().describe("null is taken as a missing value"),
  shape: z.array(z.number().int()).optional(),
  scaling: z
    .object({ centre: z.number(), spread: z.number() })
    .optional()
    .describe("numbers enter the network as (value - centre) / spread"),
  values: z.array(z.string()).optional().describe("categories seen in training"),
  example: z.unknown().optional(),
});

export const modelVersion = z
  .object({
    object: z.literal("model_version"),
    model: z.string(),
    version: z.number().int(),
    created_at: timestamp,
    job_id: z.string(),
    architecture: z.string(),
    task: z.enum(["classification", "regression", "multi_label", "sequence", "tagging", "reconstruction"]),
    parameter_count: z.number().int(),
    size_bytes: z.number().int().describe("of the weights"),
    kernels: z.string().describe("tier of the kernels it was trained with"),
    inputs: z.array(modelInput),
    window: z
      .object({ length: z.number().int(), horizon: z.number().int() })
      .optional()
      .describe(
        "an instance is an array of the last `length` rows, the oldest first; predicted are the next `horizon`",
      ),
    decoding: z
      .object({ beam_width: z.number().int(), length_penalty: z.number().optional() })
      .optional()
      .describe("sequence: how texts are written where a call does not say"),
    extra_fields: z.enum(["refuse", "ignore"]).describe("what becomes of fields that no column of the dataset has"),
    missing_fields: z.enum(["refuse", "impute"]).describe("what becomes of a feature that is not there"),
    target: z.object({
      names: z.array(z.string()).describe("none of a reconstruction, whose target is its inputs"),
      classes: z.array(z.union([z.string(), z.number(), z.boolean()])).optional(),
    }),
    metrics: z.record(z.string(), z.number().nullable()),
    links: z.object({
      self: z.string(),
      predict: z.string(),
      parameters: z.string(),
      evaluation: z.string(),
      job: z.string(),
    }),
  })
  .meta({ id: "ModelVersion" });
export type ModelVersion = z.output<typeof modelVersion>;

export const model = z
  .object({
    object: z.literal("model"),
    name: z.string(),
    created_at: timestamp,
    latest_version: z.number().int(),
    versions: z.array(modelVersion).describe("newest first, at most 100; in a list only the newest"),
    links: z.object({ self: z.string(), predict: z.string() }),
  })
  .meta({ id: "Model" });
export type Model = z.output<typeof model>;

export const modelList = listOf(model).meta({ id: "ModelList" });

/** Models are listed by name, not by time. */
export const modelListQuery = pageQuery.extend({
  after: modelName.optional().describe("name of the last model of the page before"),
});

export const modelParameters = z
  .object({
    object: z.literal("model_parameters"),
    model: z.string(),
    version: z.number().int(),
    data: z.array(layerParameters),
  })
  .meta({ id: "ModelParameters" });

export const modelParams = strictObject({ name: modelName });
export const versionParams = strictObject({ name: modelName, version: z.coerce.number().int().min(1) });

export const predictBody = strictObject({
  instances: z
    .array(z.unknown())
    .min(1)
    .max(100_000)
    .describe("objects by column name, or arrays in the order of the model's inputs"),
  ...fieldPolicy,
  ...decodingOptions,
}).meta({ id: "PredictRequest" });

export const prediction = z
  .object({
    label: z
      .union([z.string(), z.number(), z.boolean()])
      .optional()
      .describe("classification: the most probable class"),
    labels: z
      .array(z.string())
      .optional()
      .describe(
        "multi_label: those with a probability of one half or more; tagging: one for each token, up to max_length",
      ),
    label_probabilities: z.array(z.number()).optional().describe("tagging: of each of the labels"),
    probability: z.number().optional(),
    probabilities: z.record(z.string(), z.number()).optional(),
    value: z.number().optional().describe("regression with one target"),
    values: z.record(z.string(), z.number()).optional().describe("regression with several targets"),
    error: z
      .number()
      .optional()
      .describe("reconstruction: mean squared difference from the inputs, as the network takes them; large is unusual"),
    errors: z.record(z.string(), z.number()).optional().describe("reconstruction: the same of each feature"),
    reconstruction: z
      .record(z.string(), z.unknown())
      .optional()
      .describe(
        "reconstruction: each feature as it was given back, numbers in their own units, pixels 0 to 255; of texts, sounds, dates and sequences the numbers that the network takes",
      ),
    text: z.string().optional().describe("sequence: the best text that was found"),
    score: z.number().optional().describe("sequence: log-probability / length ** length_penalty, length in tokens"),
  })
  .meta({ id: "Prediction" });
export type Prediction = z.output<typeof prediction>;

export const predictResponse = z
  .object({ model: z.string(), version: z.number().int(), predictions: z.array(prediction) })
  .meta({ id: "PredictResponse" });
export type PredictResponse = z.output<typeof predictResponse>;
