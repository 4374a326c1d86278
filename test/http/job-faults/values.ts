// Jobs with a value of a wrong type, out of range, or at odds with the data.
import type { JobBody, JobFault } from "../job-bodies.ts";

const tooSmall = { code: "too_small", hint: "Make it at least 1." };
const notPositive = { code: "too_small", hint: "Make it greater than 0." };

export const wrongValues: JobFault[] = [
  // types
  {
    what: "an architecture that is a name",
    change: (job) => (job.architecture = "mlp"),
    pointer: "#/architecture",
    code: "invalid_type",
    detail: 'Expected an object, got "mlp".',
    hint: 'For example "architecture": {"type":"mlp","hidden":[16]}',
  },
  {
    what: "hidden that is a number",
    change: (job) => (job.architecture.hidden = 4),
    pointer: "#/architecture/hidden",
    code: "invalid_type",
    detail: "Expected an array, got 4.",
    hint: 'For example "hidden": [16]',
  },
  {
    what: "a number in quotes",
    change: (job) => (job.hyperparameters.epochs = "5"),
    pointer: "#/hyperparameters/epochs",
    code: "invalid_type",
    detail: 'Expected a finite number, got "5".',
    hint: "Leave the quotes out: 5.",
  },
  {
    what: "half an epoch",
    change: (job) => (job.hyperparameters.epochs = 1.5),
    pointer: "#/hyperparameters/epochs",
    code: "invalid_type",
    detail: "Expected a whole number, got 1.5.",
    hint: "Write a whole number: 10.",
  },
  {
    what: "null for a number",
    change: (job) => (job.hyperparameters.seed = null),
    pointer: "#/hyperparameters/seed",
    code: "invalid_type",
    detail: "Expected a finite number, got null.",
    hint: "Write a finite number without quotes: 0.5.",
  },
  {
    what: "a word for the learning rate",
    change: (job) => (job.hyperparameters.optimizer = { type: "sgd", learning_rate: "fast" }),
    pointer: "#/hyperparameters/optimizer/learning_rate",
    code: "invalid_type",
    detail: 'Expected a finite number or "auto", got "fast".',
    hint: "Write a finite number without quotes: 0.5.",
  },
  {
    what: "rows that are arrays",
    change: (job) => (job.dataset.rows = [[1, 2]]),
    pointer: "#/dataset/rows/0",
    code: "invalid_type",
    detail: "Expected an object, got an array of 2.",
    hint: 'Write an object: {"key": value}.',
  },
  {
    what: "a feature that is a number",
    change: (job) => (job.dataset.features = [3]),
    pointer: "#/dataset/features/0",
    code: "invalid_type",
    detail: "Expected a string or an object, got 3.",
    hint: 'Write a string in double quotes: "text".',
  },
  // ranges
  {
    what: "0 epochs",
    change: (job) => (job.hyperparameters.epochs = 0),
    pointer: "#/hyperparameters/epochs",
    detail: "Must be at least 1, got 0.",
    ...tooSmall,
  },
  {
    what: "a learning rate of 0",
    change: (job) => (job.hyperparameters.optimizer = { type: "adam", learning_rate: 0 }),
    pointer: "#/hyperparameters/optimizer/learning_rate",
    detail: "Must be greater than 0, got 0.",
    ...notPositive,
  },
  {
    what: "a learning rate of -1",
    change: (job) => (job.hyperparameters.optimizer = { type: "adam", learning_rate: -1 }),
    pointer: "#/hyperparameters/optimizer/learning_rate",
    detail: "Must be greater than 0, got -1.",
    ...notPositive,
  },
  {
    what: "a batch of 0",
    change: (job) => (job.hyperparameters.batch_size = 0),
    pointer: "#/hyperparameters/batch_size",
    detail: "Must be at least 1, got 0.",
    ...tooSmall,
  },
  {
    what: "a hidden layer of 0 units",
    change: (job) => (job.architecture.hidden = [4, 0]),
    pointer: "#/architecture/hidden/1",
    detail: "Must be at least 1, got 0.",
    ...tooSmall,
  },
  {
    what: "a clipping norm of 0",
    change: (job) => (job.hyperparameters.gradient_clip = { norm: 0 }),
    pointer: "#/hyperparameters/gradient_clip/norm",
    detail: "Must be greater than 0, got 0.",
    ...notPositive,
  },
  {
    what: "0 rows",
    change: (job) => (job.dataset.rows = []),
    pointer: "#/dataset/rows",
    code: "too_small",
    detail: "Must be at least 1 item, got an array of 0.",
    hint: "Make it at least 1 item.",
  },
  {
    what: "a split that leaves nothing",
    change: (job) => (job.dataset.split = { validation: 0.6, test: 0.5 }),
    pointer: "#/dataset/split",
    code: "custom",
    detail: "validation and test leave no rows to train on.",
    hint: "Their sum must be below 1.",
  },
  {
    what: "a path as name",
    change: (job) => (job.name = "../etc/passwd"),
    pointer: "#/name",
    code: "invalid_format",
    detail: /^Names start with a letter or digit .* Got "\.\.\/etc\/passwd"\.$/,
    hint: "Use only these characters.",
  },
  // against the data
  {
    what: "a target that does not exist",
    change: (job) => (job.dataset.target = "label"),
    pointer: "#/dataset/target",
    code: "unknown_column",
    detail: 'The dataset has no column "label".',
    hint: "Known: a, b, y.",
  },
  {
    what: "a feature that does not exist",
    change: (job) => (job.dataset.features = ["a", "bb"]),
    pointer: "#/dataset/features/1",
    code: "unknown_column",
    detail: 'The dataset has no column "bb".',
    hint: /^Did you mean "b"\?/,
  },
  {
    what: "one class only",
    change: (job) => job.dataset.rows.forEach((row: JobBody) => (row.y = 1)),
    pointer: "#/dataset/target",
    code: "one_class",
    detail: '"y" has only one class.',
    hint: /^A classifier needs at least two classes/,
  },
  {
    what: "a text column used as a number",
    change: (job) => {
      job.dataset.rows.forEach((row: JobBody, i: number) => (row.a = `word ${i}`));
      job.dataset.features = [{ name: "a", type: "number" }];
    },
    pointer: "#/dataset/features/0/type",
    code: "wrong_type",
    detail: /^"a" is a \w+ column, for example "word 0": it cannot be read as a number\.$/,
    hint: /^Leave "type" out/,
  },
  {
    what: "words as a regression target",
    change: (job) => {
      job.dataset.rows.forEach((row: JobBody, i: number) => (row.y = `word ${i}`));
      job.dataset.task = "regression";
    },
    pointer: "#/dataset/target",
    code: "not_a_number",
    detail: /^"y" is a \w+ column, for example "word 0": a regression needs numbers\.$/,
    hint: /^Use task "classification"/,
  },
  {
    what: "a batch larger than the data",
    change: (job) => (job.hyperparameters.batch_size = 5),
    pointer: "#/hyperparameters/batch_size",
    code: "batch_too_large",
    detail: "batch_size is 5, but only 4 rows are left to train on.",
    hint: 'Use at most 4, or "auto".',
  },
  {
    what: "a last layer with other units than classes",
    change: (job) =>
      (job.architecture = { type: "sequential", layers: [{ type: "dense", units: 3, activation: "softmax" }] }),
    pointer: "#/architecture/layers/0/units",
    code: "shape_mismatch",
    detail: "The last dense layer has 3 outputs, but the target has 2 classes.",
    hint: "Set units to 2.",
  },
  {
    what: "a neuron with fewer weights than inputs",
    change: (job) => (job.architecture = { type: "mcculloch_pitts", weights: [1], threshold: 1 }),
    pointer: "#/architecture/weights",
    code: "shape_mismatch",
    detail: "There are 2 inputs but 1 weights.",
    hint: "Give one weight per input, in the order of the features.",
  },
  {
    what: "a dataset id that nobody has",
    change: (job) => (job.dataset = { id: "ds_1", target: "y" }),
    pointer: "#/dataset/id",
    code: "unknown_dataset",
    detail: 'There is no dataset "ds_1".',
    hint: "Upload it with POST /v1/datasets; GET /v1/datasets lists those there are.",
  },
];
