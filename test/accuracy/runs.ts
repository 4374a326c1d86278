// What must be reached on which data, with which network: a run is one job whose hyperparameters are the defaults but for
// the epochs. The bars of small tables lie a little below the plain baselines that were measured on the same files
// (logistic regression and small networks of scikit-learn; the data folder's README has them).
import type { AccuracySetName } from "./datasets.ts";

export interface AccuracyRun {
  set: AccuracySetName;
  architecture: { type: string } & Record<string, unknown>;
  epochs: number;
  hyperparameters?: Record<string, unknown>;
  metric: string;
  required: number;
  /** Default least: the metric must be `required` or more. */
  bound?: "most";
  /** The wall time that the bar allows, on two processors. */
  minutes: number;
  /** On small sets one split says little: the bar is for the mean over several seeds. Default 42. */
  seeds?: readonly number[];
}

const several = [1, 2, 3, 4, 5];
const mlp = (...hidden: number[]) => ({ type: "mlp", hidden });
const accuracy = "test_accuracy";

const normalised = (filters: number) => [
  { type: "conv2d", filters, kernel_size: 3, padding: "same", use_bias: false },
  { type: "batch_norm" },
  { type: "activation", activation: "relu" },
];

/** Two blocks of two convolutions: what "a small convolutional network" usually means. */
const smallConvolution = {
  type: "sequential",
  layers: [
    ...[32, 64].flatMap((filters) => [
      ...normalised(filters),
      ...normalised(filters),
      { type: "max_pool2d" },
      { type: "dropout", rate: 0.25 },
    ]),
    { type: "flatten" },
    { type: "dense", units: 128, activation: "relu" },
    { type: "dropout", rate: 0.5 },
    { type: "dense", units: 10 },
  ],
};

/** Narrow at first, for few and larger pictures: the data folder's own measurement was with these widths. */
const narrowConvolution = {
  type: "sequential",
  layers: [
    ...[16, 32, 64, 64].flatMap((filters) => [...normalised(filters), { type: "max_pool2d" }]),
    { type: "flatten" },
    { type: "dropout", rate: 0.5 },
    { type: "dense", units: 10 },
  ],
};

const smallTables: AccuracyRun[] = (
  [
    ["wine", mlp(32), 40, "validation_accuracy", 0.95],
    ["breast-cancer", mlp(32), 20, "validation_accuracy", 0.95],
    ["penguins", mlp(32), 40, "validation_accuracy", 0.97],
    ["titanic", mlp(32), 30, "validation_accuracy", 0.77],
    ["digits8x8", mlp(64), 40, "validation_accuracy", 0.95],
    ["auto-mpg", mlp(64), 60, "validation_r2", 0.82],
  ] as const
).map(([set, architecture, epochs, metric, required]) => ({
  set,
  architecture,
  epochs,
  metric,
  required,
  minutes: 1,
  seeds: several,
}));

export const accuracyRuns: readonly AccuracyRun[] = [
  ...smallTables,
  { set: "california", architecture: mlp(64, 64), epochs: 40, metric: "test_r2", required: 0.78, minutes: 3 },
  { set: "adult", architecture: mlp(64), epochs: 10, metric: accuracy, required: 0.855, minutes: 3 },
  { set: "bike-sharing", architecture: mlp(64, 64), epochs: 20, metric: "test_r2", required: 0.88, minutes: 3 },
  {
    set: "mnist",
    architecture: mlp(256),
    epochs: 14,
    hyperparameters: { schedule: { type: "cosine" } },
    metric: accuracy,
    required: 0.98,
    minutes: 2,
  },
  { set: "mnist", architecture: { type: "lenet5" }, epochs: 8, metric: accuracy, required: 0.99, minutes: 5 },
  {
    set: "fashion-mnist",
    architecture: smallConvolution,
    epochs: 8,
    hyperparameters: { schedule: { type: "cosine" } },
    metric: accuracy,
    required: 0.915,
    minutes: 15,
  },
  {
    set: "cifar10",
    architecture: { type: "resnet", depth: 20 },
    epochs: 30,
    metric: accuracy,
    required: 0.75,
    minutes: 40,
  },
  { set: "cifar10", architecture: { type: "vgg" }, epochs: 20, metric: accuracy, required: 0.65, minutes: 30 },
  { set: "cifar10", architecture: { type: "alexnet" }, epochs: 15, metric: accuracy, required: 0.65, minutes: 30 },
  {
    set: "sign-language-digits",
    architecture: narrowConvolution,
    epochs: 60,
    hyperparameters: { schedule: { type: "cosine" } },
    metric: accuracy,
    required: 0.95,
    minutes: 10,
  },
  { set: "imdb", architecture: { ...mlp(32), dropout: 0.5 }, epochs: 3, metric: accuracy, required: 0.87, minutes: 15 },
  { set: "sms-spam", architecture: mlp(64), epochs: 5, metric: accuracy, required: 0.97, minutes: 3 },
  { set: "trec", architecture: mlp(64), epochs: 5, metric: accuracy, required: 0.77, minutes: 3 },
  {
    set: "scan",
    architecture: { type: "seq2seq", units: 128 },
    epochs: 30,
    metric: "test_exact_match",
    required: 0.99,
    minutes: 30,
  },
  {
    set: "multi30k-en-de",
    architecture: { type: "seq2seq", units: 256, dropout: 0.3 },
    epochs: 15,
    hyperparameters: { label_smoothing: 0.1 },
    metric: "test_bleu",
    required: 33,
    minutes: 60,
  },
  { set: "surnames", architecture: mlp(64), epochs: 5, metric: accuracy, required: 0.81, minutes: 3 },
  { set: "languages", architecture: mlp(64), epochs: 3, metric: accuracy, required: 0.93, minutes: 3 },
  { set: "sms-spam", architecture: { type: "text_cnn" }, epochs: 8, metric: accuracy, required: 0.98, minutes: 3 },
  { set: "sst2", architecture: { type: "text_cnn" }, epochs: 6, metric: accuracy, required: 0.8, minutes: 10 },
  { set: "rt-polarity", architecture: { type: "text_cnn" }, epochs: 6, metric: accuracy, required: 0.76, minutes: 10 },
  {
    set: "rt-polarity",
    architecture: { type: "lstm", pooling: "max" },
    epochs: 4,
    metric: accuracy,
    required: 0.76,
    minutes: 10,
  },
  { set: "trec", architecture: { type: "text_cnn" }, epochs: 10, metric: accuracy, required: 0.9, minutes: 5 },
  {
    set: "surnames",
    architecture: { type: "text_cnn", windows: [2, 3, 4, 5] },
    epochs: 12,
    metric: accuracy,
    required: 0.84,
    minutes: 10,
  },
  { set: "surnames", architecture: { type: "gru" }, epochs: 12, metric: accuracy, required: 0.84, minutes: 10 },
  {
    set: "language-characters",
    architecture: { type: "text_cnn", windows: [3, 4, 5, 6], filters: 150, embedding: 64 },
    epochs: 10,
    hyperparameters: { weight_average: { decay: 0.99 } },
    metric: accuracy,
    required: 0.98,
    minutes: 10,
  },
  { set: "fsdd", architecture: { type: "speech_rnn" }, epochs: 20, metric: accuracy, required: 0.985, minutes: 10 },
  { set: "fsdd", architecture: { type: "speech_dnn" }, epochs: 20, metric: accuracy, required: 0.95, minutes: 10 },
  { set: "fsdd", architecture: { type: "speech_cnn" }, epochs: 10, metric: accuracy, required: 0.97, minutes: 10 },
  {
    set: "fsdd-sequences",
    architecture: { type: "speech_ctc" },
    epochs: 15,
    metric: "test_word_error_rate",
    required: 0.05,
    bound: "most",
    minutes: 10,
  },
  {
    set: "cmudict-stress",
    architecture: { type: "tagger" },
    epochs: 8,
    metric: "test_token_accuracy",
    required: 0.95,
    minutes: 5,
  },
  {
    set: "cmudict-spelling",
    architecture: { type: "seq2seq", units: 128 },
    epochs: 16,
    metric: "test_word_error_rate",
    required: 0.115,
    bound: "most",
    minutes: 20,
  },
  // The linear autoregressions of the data folder's README. The windows here lie within the test rows, without the first 24
  // of them: on these, least squares over 24 lags leave 2.210 where the README has 2.20 for all.
  {
    set: "temperatures",
    architecture: { type: "forecaster", cell: "gru", layers: 1 },
    epochs: 20,
    metric: "test_rmse",
    required: 2.2,
    bound: "most",
    minutes: 10,
  },
  {
    set: "ETTh1",
    architecture: { type: "forecaster" },
    epochs: 40,
    metric: "test_rmse",
    required: 0.644,
    bound: "most",
    minutes: 10,
  },
  {
    set: "titanic",
    architecture: { type: "auto" },
    epochs: 30,
    metric: accuracy,
    required: 0.8,
    minutes: 3,
    seeds: several,
  },
  { set: "adult", architecture: { type: "auto" }, epochs: 10, metric: accuracy, required: 0.855, minutes: 3 },
  {
    set: "california",
    architecture: { type: "auto" },
    epochs: 40,
    metric: "test_rmse",
    required: 54_000,
    bound: "most",
    minutes: 3,
  },
];
