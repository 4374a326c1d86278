// Jobs: one request to train, and what became of it.
import { z } from "zod";
import { architecture } from "./architecture.ts";
import { columnName, featureSpec } from "./feature.ts";
import { type FieldPolicy, fieldPolicy } from "./field-policy.ts";
import { hyperparameters } from "./hyperparameters.ts";
import { listOf, pageQuery, resourceName, timestamp } from "./primitives.ts";
import { strictObject } from "./strict-object.ts";
import { type DecodingOptions, decodingOptions, type TargetTokens, targetTokens } from "./text-target.ts";

export const modelName = z
  .string()
  .min(1)
  .max(128)
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]*$/,
    "Model names start with a letter or digit and hold letters, digits, '.', '_' and '-'.",
  )
  .meta({ examples: ["iris"] });

const rowCount = z.number().int().min(0);

export const split = strictObject({
  validation: z.number().min(0).max(0.9).default(0.2),
  test: z.number().min(0).max(0.9).default(0.1),
  stratify: z.boolean().default(true).describe("keep the share of each class; ignored for numbers, groups and times"),
  column: columnName
    .nullable()
    .optional()
    .describe(
      'its values train, validation and test say which row is in which part; a part that it lacks is drawn from its train rows. Default: a column "split" with these values; null: none',
    ),
  group: columnName.optional().describe("rows with the same value stay in the same part"),
  time: columnName.optional().describe("ordered by this column the last rows test, those before them validate"),
  rows: z
    .object({ train: rowCount, validation: rowCount, test: rowCount })
    .optional()
    .describe("shown in a resolved job: rows of each part; ignored in a request"),
})
  .refine((value) => value.validation + value.test < 1, {
    message: "validation and test leave no rows to train on.\nTheir sum must be below 1.",
  })
  .refine(({ column, group, time }) => [column, group, time].filter((way) => typeof way === "string").length <= 1, {
    message: 'At most one of "column", "group" and "time" can split the rows.\nKeep one of them.',
  });

const window = strictObject({
  length: z.number().int().min(1).max(10_000).describe("successive rows that are the input"),
  horizon: z.number().int().min(1).max(1_000).default(1).describe("rows right after them whose targets are predicted"),
  stride: z.number().int().min(1).max(10_000).default(1).describe("rows from one window to the next"),
});

const tasks = ["auto", "classification", "regression", "multi_label", "sequence", "tagging", "reconstruction"] as const;

/** JSON.parse reads 1e999 as Infinity, which would be written as null: the value would be lost without a word. */
const cellValue = z.unknown().refine((value) => typeof value !== "number" || Number.isFinite(value), {
  message: "A cell must be a finite number.\nLeave it out, or send null for a missing value.",
});

export const jobDataset = strictObject({
  id: z.string().max(64).optional().describe("of an uploaded dataset"),
  builtin: z
    .string()
    .max(64)
    .optional()
    .describe("name of a built-in dataset: GET /v1/datasets?builtin=true")
    .meta({ examples: ["xor"] }),
  rows: z.array(z.record(columnName, cellValue)).min(1).optional().describe("inline rows, one object each"),
  target: columnName
    .or(z.array(columnName).min(1).max(1_000))
    .optional()
    .describe(
      "the column(s) to predict; default: of a built-in dataset its own, otherwise it must be given; an autoencoder has none",
    ),
  task: z
    .enum(tasks)
    .default("auto")
    .describe(
      "multi_label: a cell of the target holds any number of labels; sequence: a text, which a seq2seq writes, a speech_ctc or a layer list with an output for each token hears; tagging: a label for each token, as a list in each cell; reconstruction: what an autoencoder does, without a target",
    ),
  target_tokens: targetTokens.optional(),
  label_separator: z
    .string()
    .min(1)
    .max(8)
    .optional()
    .describe("multi_label: what stands between the labels of a cell, default a comma; a JSON array is read as such"),
  features: z
    .array(columnName.or(featureSpec))
    .min(1)
    .max(10_000)
    .optional()
    .describe("default: every usable column that is not the target"),
  window: window
    .optional()
    .describe(
      "a time series: rows in the order of split.time, or as they stand; the split is by time, no window crosses it",
    ),
  split: split.optional().describe("default: 20 % validation, 10 % test; none of both below 30 rows"),
}).refine(({ id, builtin, rows }) => [id, builtin, rows].filter((way) => way !== undefined).length === 1, {
  message:
    'Exactly one of "id", "builtin" and "rows" is needed.\nGive the id of an uploaded dataset, the name of a built-in one, or the rows themselves.',
});

interface Targeted {
  architecture?: { type?: unknown } | null;
  dataset?: { target?: unknown; builtin?: unknown } | null;
}

/** `required` as for any other field, and beside all other faults: a refinement would wait until the rest is right. */
function targetNeeded(): z.core.$ZodCheck<Targeted> {
  const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;
  const check: z.core.$ZodCheck<Targeted> = new z.core.$ZodCheck({
    check: "custom",
    when: ({ value }) => isObject(value) && "dataset" in value && isObject(value.dataset),
  });
  check._zod.check = ({ value: { architecture: asked, dataset }, issues }) => {
    if (asked?.type === "autoencoder" || dataset?.target !== undefined || dataset?.builtin !== undefined) return;
    issues.push({ code: "invalid_type", expected: "string", path: ["dataset", "target"], input: dataset?.target });
  };
  return check;
}

export const jobRequest = strictObject({
  name: resourceName.optional(),
  architecture,
  dataset: jobDataset,
  hyperparameters: hyperparameters.prefault({}),
  model: strictObject({
    name: modelName.optional().describe("default: the job's name"),
    ...fieldPolicy,
    ...decodingOptions,
  })
    .optional()
    .describe("where the result is published, which instances it takes, and how it writes texts"),
})
  .check(targetNeeded())
  .meta({ id: "JobRequest" });
export type JobRequest = z.output<typeof jobRequest>;

/** A request with every default and "auto" filled in: what really runs, and what a clone needs. */
export type ResolvedJobRequest = JobRequest & {
  name: string;
  dataset: { target_tokens?: TargetTokens | undefined };
  model: { name: string } & FieldPolicy & DecodingOptions;
};

// Stored requests are shown as they were accepted, also when today's contract would no longer take them.
const acceptedRequest = z
  .looseObject({ architecture: z.looseObject({}), dataset: z.looseObject({}), hyperparameters: z.looseObject({}) })
  .describe("every default and auto filled in")
  .meta({ id: "ResolvedJobRequest" }) as unknown as z.ZodType<JobRequest>;

export const jobStatuses = ["queued", "running", "paused", "succeeded", "failed", "cancelled"] as const;
export const jobStatus = z.enum(jobStatuses);
export type JobStatus = z.output<typeof jobStatus>;

export const jobPhases = ["queued", "preparing", "training", "evaluating", "publishing", "finished"] as const;
export const jobPhase = z.enum(jobPhases);
export type JobPhase = z.output<typeof jobPhase>;

export const jobProgress = z.object({
  epoch: z.number().int().describe("epochs finished"),
  epochs: z.number().int(),
  step: z.number().int().describe("optimizer steps taken"),
  steps: z.number().int(),
  percent: z.number(),
  eta_seconds: z.number().nullable(),
  samples_per_second: z.number().nullable(),
});
export type JobProgress = z.output<typeof jobProgress>;

export const jobResult = z.object({
  model: z.string(),
  version: z.number().int(),
  converged: z.boolean().optional().describe("perceptron: whether a pass without an error was reached"),
  message: z.string().optional(),
  metrics: z.record(z.string(), z.number().nullable()).describe("train_*, validation_*, test_* at the end"),
});
export type JobResult = z.output<typeof jobResult>;

export const jobError = z.object({
  code: z.string(),
  message: z.string(),
  hint: z.string().nullable(),
  epoch: z.number().int().optional(),
});
export type JobError = z.output<typeof jobError>;

export const jobWarning = z.object({
  pointer: z.string(),
  code: z.string(),
  detail: z.string(),
  hint: z.string().optional(),
});

export const job = z
  .object({
    id: z.string(),
    object: z.literal("job"),
    name: z.string(),
    status: jobStatus,
    phase: jobPhase,
    terminal: z.boolean().describe("true once the status can no longer change"),
    created_at: timestamp,
    started_at: timestamp.nullable(),
    finished_at: timestamp.nullable(),
    attempts: z.number().int().describe("how often a trainer took it up"),
    progress: jobProgress,
    queue_position: z.number().int().nullable().describe("1 = next"),
    request: acceptedRequest,
    warnings: z.array(jobWarning),
    result: jobResult.nullable(),
    error: jobError.nullable(),
    links: z.object({
      self: z.string(),
      metrics: z.string(),
      events: z.string(),
      loss_curve: z.string(),
      predict: z.string().nullable().describe("once published"),
    }),
  })
  .meta({ id: "Job" });
export type Job = z.output<typeof job>;

export const jobList = listOf(job).meta({ id: "JobList" });

export const jobListQuery = strictObject({
  ...pageQuery.shape,
  status: jobStatus.optional(),
  name: z.string().max(128).optional(),
});

export const jobWaitQuery = strictObject({
  wait: z.coerce.number().min(0).max(60).default(0).describe("seconds to wait for the end of the job (long poll)"),
});

/** Answer of the dry run: what would run, what it needs, and what is worth knowing. */
export const jobValidation = z
  .object({
    object: z.literal("job_validation"),
    request: acceptedRequest,
    parameter_count: z.number().int(),
    memory_bytes: z
      .number()
      .int()
      .describe("of weights, activations, gradients, optimizer state, copies for checkpoints, and data"),
    memory: z
      .object({
        network_bytes: z.number().int().describe("weights, activations, gradients, optimizer state, kernels"),
        state_bytes: z.number().int().describe("copies of weights and optimizer state for checkpoints"),
        data_bytes: z.number().int().describe("the encoded rows"),
        limit_bytes: z
          .number()
          .int()
          .describe("what one job may need here; what other jobs use at the same time is not taken off"),
      })
      .describe("what memory_bytes is made of; a job that needs more than the limit is refused"),
    training_rows: z.number().int(),
    steps: z.number().int(),
    layers: z.array(
      z.object({ type: z.string(), output_shape: z.array(z.number().int()), parameters: z.number().int() }),
    ),
    warnings: z.array(jobWarning),
  })
  .meta({ id: "JobValidation" });
