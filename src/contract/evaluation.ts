// The evaluation of a version: how good its predictions are on rows that it was not trained on, and where they are bad.
import { z } from "zod";
import { modelName } from "./job.ts";

const metric = z.number().nullable();
const label = z.union([z.string(), z.number(), z.boolean()]);
const share = z.number().describe("0 to 1");

const metrics = (text: string) =>
  z.record(z.string(), metric).describe(`${text}; null where it is not defined on these rows`);

/** Of the rows of one class, or of those with one label. */
const classScores = z.object({
  label,
  precision: metric.describe("share of those predicted as this class that are; null when none was"),
  recall: metric.describe("share of those of this class that were predicted so; null when there are none"),
  f1: metric.describe("harmonic mean of both; null when there are none and none was predicted"),
  support: z.number().int().describe("rows of this class"),
  roc_auc: metric.describe("this class against all others"),
  pr_auc: metric.describe("average precision, this class against all others"),
});

const rocPoint = z.object({
  false_positive_rate: share,
  true_positive_rate: share,
  threshold: metric.describe("rows with this probability or more count as the class; null: none does"),
});
export type RocPoint = z.output<typeof rocPoint>;

const rocCurve = z.object({ label, points: z.array(rocPoint).describe("at most 100") });
export type RocCurve = z.output<typeof rocCurve>;

const calibrationPoint = z.object({
  from: share.describe("exclusive"),
  to: share.describe("inclusive"),
  rows: z.number().int(),
  confidence: share.describe("mean probability of the predicted class"),
  accuracy: share,
});
export type CalibrationPoint = z.output<typeof calibrationPoint>;

const worstRow = {
  row: z.number().int().describe("of the dataset, from 1; of a window, the first one that is predicted"),
  loss: metric.describe("of this row, as the network was trained to reduce it"),
};
const links = z.object({
  row: z.string(),
  cells: z.record(z.string(), z.string()).optional().describe("images and sounds of the row, by column"),
});

const worstClassified = z.object({ ...worstRow, expected: label, predicted: label, probability: share });
const worstNumbers = z.object({
  ...worstRow,
  expected: z.record(z.string(), z.number()),
  predicted: z.record(z.string(), metric),
});
const worstReconstructed = z.object({ ...worstRow, reconstruction_error: metric });
const worstLabelled = z.object({ ...worstRow, expected: z.array(z.string()), predicted: z.array(z.string()) });

const worstWritten = z.object({ ...worstRow, expected: z.string(), predicted: z.string() });

const parts = ["train", "validation", "test"] as const;
export type EvaluatedPart = (typeof parts)[number];

const common = {
  part: z.enum(parts).describe("the test rows; where there are none the validation rows, else the training rows"),
  rows: z.number().int(),
  loss: metric,
};

const classification = {
  ...common,
  task: z.literal("classification"),
  metrics: metrics(
    "accuracy, balanced_accuracy, macro_f1, weighted_f1, roc_auc and pr_auc (of two classes the second one's; of more the mean of each against all others, null beyond 20 million probabilities), log_loss, expected_calibration_error; with more than 5 classes top_5_accuracy",
  ),
  classes: z.array(label),
  confusion_matrix: z
    .array(z.array(z.number().int()))
    .nullable()
    .describe("rows of class i that were predicted as class j, in the order of classes; null beyond 100 classes"),
  per_class: z.array(classScores),
  calibration: z.array(calibrationPoint).describe("of 15 ranges of probability, those that have rows"),
  roc_curves: z
    .array(rocCurve)
    .describe("of two classes the second one's; of more each against all others, none beyond 20 classes"),
};

const regression = {
  ...common,
  task: z.literal("regression"),
  metrics: metrics(
    "mae, rmse, r2, mape (of rows whose target is not 0), in units of the target; means over several targets",
  ),
  per_target: z.array(
    z.object({
      name: z.string(),
      mae: metric,
      rmse: metric,
      r2: metric,
      mape: metric,
      residual_quantiles: z
        .record(z.string(), metric)
        .describe("of predicted - expected: 0 (least), 0.05, 0.25, 0.5, 0.75, 0.95, 1 (greatest)"),
    }),
  ),
};

const multiLabel = {
  ...common,
  task: z.literal("multi_label"),
  metrics: metrics(
    "subset_accuracy (all labels of a row right), hamming_loss (share of wrong yes or no), micro_precision, micro_recall, micro_f1, macro_f1, weighted_f1, roc_auc, pr_auc",
  ),
  per_class: z.array(classScores),
};

const sequence = {
  ...common,
  task: z.literal("sequence"),
  metrics: metrics(
    "token_accuracy (of each token, given those that should stand before it; not of sounds), exact_match (share of texts written without a mistake), word_error_rate and character_error_rate (edits / expected length; words are what stands between blanks, so of phones written like that it is the phone error rate), bleu (0 to 100, as sacreBLEU: tokens 13a, smoothing exp); texts are written as the version writes them where a call does not say how",
  ),
};

const tagging = {
  ...common,
  task: z.literal("tagging"),
  metrics: metrics(
    "of all tokens: token_accuracy, macro_f1, weighted_f1; exact_match (share of rows whose labels are all right)",
  ),
  classes: z.array(z.string()),
  confusion_matrix: z
    .array(z.array(z.number().int()))
    .nullable()
    .describe("tokens with label i that were given label j, in the order of classes; null beyond 100 labels"),
  per_class: z
    .array(classScores.omit({ roc_auc: true, pr_auc: true }))
    .describe("of each label; support counts tokens"),
};

const reconstruction = {
  ...common,
  task: z.literal("reconstruction"),
  metrics: metrics(
    "reconstruction_error (mean squared difference of all inputs, as the network takes them), r2 (of all inputs)",
  ),
  error_quantiles: z
    .record(z.string(), metric)
    .describe("of the rows' reconstruction errors: 0 (least) to 0.95, 0.99 and 1; a row beyond is unusual"),
  per_feature: z.array(z.object({ name: z.string(), reconstruction_error: metric })),
};

/** What is stored with a version; links are made when it is asked for. */
const classificationReport = z.object({ ...classification, worst_rows: z.array(worstClassified) });
const regressionReport = z.object({ ...regression, worst_rows: z.array(worstNumbers) });
const multiLabelReport = z.object({ ...multiLabel, worst_rows: z.array(worstLabelled) });
const taggingReport = z.object({ ...tagging, worst_rows: z.array(worstLabelled) });
const reconstructionReport = z.object({ ...reconstruction, worst_rows: z.array(worstReconstructed) });
const sequenceReport = z.object({ ...sequence, worst_rows: z.array(worstWritten) });
export type ClassificationReport = z.output<typeof classificationReport>;
export type RegressionReport = z.output<typeof regressionReport>;
export type MultiLabelReport = z.output<typeof multiLabelReport>;
export type TaggingReport = z.output<typeof taggingReport>;
export type ReconstructionReport = z.output<typeof reconstructionReport>;
export type SequenceReport = z.output<typeof sequenceReport>;
export type EvaluationReport =
  | ClassificationReport
  | RegressionReport
  | MultiLabelReport
  | SequenceReport
  | TaggingReport
  | ReconstructionReport;

const shown = { object: z.literal("evaluation"), model: modelName, version: z.number().int() };
const worst = <Shape extends z.ZodRawShape>(row: z.ZodObject<Shape>) =>
  z.array(row.extend({ links })).describe("the 20 rows with the greatest loss");

export const evaluation = z
  .discriminatedUnion("task", [
    z.object({ ...shown, ...classification, worst_rows: worst(worstClassified) }),
    z.object({ ...shown, ...regression, worst_rows: worst(worstNumbers) }),
    z.object({ ...shown, ...multiLabel, worst_rows: worst(worstLabelled) }),
    z.object({ ...shown, ...sequence, worst_rows: worst(worstWritten) }),
    z.object({ ...shown, ...tagging, worst_rows: worst(worstLabelled) }),
    z.object({ ...shown, ...reconstruction, worst_rows: worst(worstReconstructed) }),
  ])
  .meta({ id: "Evaluation" });
export type Evaluation = z.output<typeof evaluation>;
