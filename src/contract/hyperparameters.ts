// Hyperparameters of a training job. "auto" is allowed where a rule exists; the resolved job shows what it became.
import { z } from "zod";
import { strictObject } from "./strict-object.ts";

const positive = z.number().positive();
const share = z.number().min(0).lt(1);
const weightDecay = z.number().min(0).default(0).describe("L2 penalty; decoupled from the gradient in adamw");
const learningRate = positive
  .max(1_000)
  .or(z.literal("auto"))
  .optional()
  .describe(
    "auto: found by a range test of up to 100 steps before the first epoch (Smith, 2017), the job then shows it; default: the architecture's if it has one for this optimizer, else sgd 0.1 (0.01 with momentum), adagrad 0.05; others 0.01 for short runs (up to 10,000 rows, below 5,000 steps), else 0.001",
  );

export const optimizer = z
  .discriminatedUnion("type", [
    strictObject({
      type: z.literal("sgd"),
      learning_rate: learningRate,
      momentum: share.default(0),
      nesterov: z.boolean().default(false),
      weight_decay: weightDecay,
    }),
    strictObject({
      type: z.literal("adam"),
      learning_rate: learningRate,
      beta1: share.default(0.9),
      beta2: share.default(0.999),
      epsilon: positive.default(1e-8),
      weight_decay: weightDecay,
    }),
    strictObject({
      type: z.literal("adamw"),
      learning_rate: learningRate,
      beta1: share.default(0.9),
      beta2: share.default(0.999),
      epsilon: positive.default(1e-8),
      weight_decay: z.number().min(0).default(0.01),
    }),
    strictObject({
      type: z.literal("rmsprop"),
      learning_rate: learningRate,
      alpha: share.default(0.99).describe("smoothing of the mean square"),
      momentum: share.default(0),
      epsilon: positive.default(1e-8),
      weight_decay: weightDecay,
    }),
    strictObject({
      type: z.literal("adagrad"),
      learning_rate: learningRate,
      epsilon: positive.default(1e-10),
      weight_decay: weightDecay,
    }),
  ])
  .meta({ id: "Optimizer" });
export type Optimizer = z.output<typeof optimizer>;

const warmupEpochs = z.number().min(0).default(0).describe("the rate rises linearly from 0 over these epochs");

export const schedule = z
  .discriminatedUnion("type", [
    strictObject({ type: z.literal("constant"), warmup_epochs: warmupEpochs }),
    strictObject({
      type: z.literal("step"),
      every_epochs: z.number().int().min(1),
      gamma: positive.max(1).default(0.1).describe("the rate is multiplied by it every `every_epochs`"),
      warmup_epochs: warmupEpochs,
    }),
    strictObject({
      type: z.literal("cosine"),
      minimum_learning_rate: z.number().min(0).default(0).describe("the rate at the end"),
      warmup_epochs: warmupEpochs,
    }),
    strictObject({
      type: z.literal("one_cycle"),
      pct_start: positive.lt(1).default(0.3).describe("share of the steps in which the rate rises to learning_rate"),
      div_factor: z.number().min(1).default(25).describe("it begins at learning_rate / div_factor"),
      final_div_factor: z.number().min(1).default(10_000).describe("and ends at that divided by final_div_factor"),
    }),
  ])
  .meta({ id: "Schedule" });

export const lossName = z.enum([
  "cross_entropy",
  "binary_cross_entropy",
  "mean_squared_error",
  "half_squared_error",
  "mean_absolute_error",
  "huber",
  "perceptron",
  "ctc",
]);

export type Schedule = z.output<typeof schedule>;

export const gradientClip = z.union([strictObject({ norm: positive }), strictObject({ value: positive })]);

const earlyStopping = strictObject({
  patience: z.number().int().min(1).max(1_000_000).default(10).describe("epochs without a better validation loss"),
  min_delta: z.number().min(0).default(0).describe("better is lower by more than this"),
  restore_best: z.boolean().default(true).describe("publish the weights of the best epoch, not those of the last"),
});

const weightAverage = strictObject({
  decay: share.default(0.999).describe("of an average over some 1 / (1 - decay) steps"),
});

const mixup = strictObject({
  alpha: z
    .number()
    .min(0.05)
    .max(2)
    .default(0.2)
    .describe("of the Beta distribution of shares: the larger, the more is mixed; 1: any share as likely"),
});

const classWeight = z
  .literal("balanced")
  .or(z.record(z.string().max(1_000), z.number().min(0).max(1e6)))
  .describe(
    'factor of the loss of each training row by its class: "balanced" for rows / (classes · rows of the class), or {"label": weight}, 1 for those not named',
  );

export const hyperparameters = strictObject({
  epochs: z.number().int().min(1).max(1_000_000).default(50).describe("passes over the training rows"),
  batch_size: z
    .number()
    .int()
    .min(1)
    .max(1_000_000)
    .or(z.literal("auto"))
    .default("auto")
    .describe("auto: the architecture's, else all rows up to 64, 32 up to 100,000 rows, else 128"),
  shuffle: z.boolean().default(true).describe("a new order of the rows every epoch, from the seed"),
  loss: lossName
    .or(z.literal("auto"))
    .default("auto")
    .describe(
      "auto: cross_entropy, binary_cross_entropy for two classes, mean_squared_error for numbers, ctc for texts of sounds",
    ),
  optimizer: optimizer
    .optional()
    .describe(
      "{type: sgd, adam, adamw, rmsprop, adagrad}; default: the architecture's, else adam; the perceptron has plain sgd",
    ),
  schedule: schedule
    .optional()
    .describe("{type: constant, step, cosine, one_cycle}; default: the architecture's, else constant"),
  gradient_clip: gradientClip
    .optional()
    .describe(
      "{norm}: scale all gradients to this global norm; {value}: cut each at ± value; default: the architecture's, else none",
    ),
  class_weight: classWeight.optional(),
  label_smoothing: share
    .default(0)
    .describe("of cross_entropy and binary_cross_entropy in training; validation and test losses are without"),
  mixup: mixup
    .optional()
    .describe(
      "{alpha}: train on mixtures of two rows and their classes, anew in every epoch, default 0.2 (Zhang et al., 2018); validation and test rows are not mixed",
    ),
  weight_average: weightAverage
    .optional()
    .describe("{decay}: validate and publish an exponential moving average of the weights (EMA), default 0.999"),
  early_stopping: earlyStopping
    .optional()
    .describe(
      "{patience, min_delta, restore_best}: end the training once the validation loss no longer falls, with the weights of the best epoch",
    ),
  diagnostics: z
    .boolean()
    .default(false)
    .describe("gradient_norm, weight_norm and dead_relus in the metrics of each epoch; tiny networks train slower"),
  precision: z
    .enum(["float32", "float64"])
    .default("float32")
    .describe("of all numbers; float64 computes in plain loops, for comparison"),
  deterministic: z
    .boolean()
    .default(false)
    .describe("separate multiply and add: identical bytes on every machine and tier of kernels"),
  seed: z
    .number()
    .int()
    .min(0)
    .max(0xffff_ffff)
    .default(42)
    .describe("of everything random: split, initial weights, order of the rows, dropout, augmentation"),
  threads: z
    .number()
    .int()
    .min(1)
    .max(256)
    .or(z.literal("auto"))
    .default("auto")
    .describe(
      "threads that compute each batch together, at most one per processor; the same number gives the same bytes. auto: 1, unless trainers run fewer jobs at once than there are processors and a step is long enough to share",
    ),
}).meta({ id: "Hyperparameters" });
export type Hyperparameters = z.output<typeof hyperparameters>;

/** What an architecture may choose where a request says nothing. */
export type HyperparameterDefaults = Partial<
  Pick<z.input<typeof hyperparameters>, "optimizer" | "schedule" | "gradient_clip"> & { batch_size: number }
>;
