// The loss history: one row per epoch.
import { z } from "zod";
import { strictObject } from "./strict-object.ts";

const metric = z.number().nullable();

export const epochMetrics = z
  .object({
    epoch: z.number().int().describe("from 1"),
    train_loss: metric.describe("mean over the rows as they were trained on; the sum for half_squared_error"),
    validation_loss: metric,
    train_accuracy: metric
      .optional()
      .describe(
        "share of rows that are right; of texts and labels of tokens the mean share of a row, of sounds the share of whole texts",
      ),
    validation_accuracy: metric.optional(),
    train_mae: metric.optional().describe("mean absolute error, in units of the target"),
    validation_mae: metric.optional(),
    train_r2: metric.optional().describe("coefficient of determination"),
    validation_r2: metric.optional(),
    gradient_norm: metric.optional().describe("with diagnostics: of the last batch's gradients, before clipping"),
    weight_norm: metric.optional().describe("with diagnostics: of all weights"),
    dead_relus: metric
      .optional()
      .describe("with diagnostics: share of relu units that are 0 for each of up to 512 training rows; null: no relu"),
    learning_rate: z.number(),
    duration_ms: z.number(),
    samples_per_second: z.number(),
    nonfinite: z
      .enum(["nan", "inf"])
      .optional()
      .describe("set when a null above stands for a value that is not finite"),
  })
  .meta({ id: "EpochMetrics" });
export type EpochMetrics = z.output<typeof epochMetrics>;

export const metricsQuery = strictObject({
  limit: z.coerce.number().int().min(1).max(100_000).default(10_000),
  after: z.coerce.number().int().min(0).default(0).describe("epochs after this one"),
  points: z.coerce
    .number()
    .int()
    .min(4)
    .max(100_000)
    .optional()
    .describe("of all epochs after `after`, about so many rows: least and greatest loss of each stretch"),
  format: z.enum(["json", "csv"]).default("json"),
});

export const metricsList = z
  .object({ object: z.literal("list"), data: z.array(epochMetrics), has_more: z.boolean() })
  .meta({ id: "MetricsList" });
