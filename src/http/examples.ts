// Example requests of the docs. A test sends each of them, in this order, to a real server.
import { datasetFormats } from "../contract/dataset.ts";
import type { Example } from "./plugins/openapi.ts";

const xorRows = [
  { a: 0, b: 0, y: 0 },
  { a: 0, b: 1, y: 1 },
  { a: 1, b: 0, y: 1 },
  { a: 1, b: 1, y: 0 },
];

/** POST /v1/jobs: complete in themselves, so that each works when pasted into a fresh server. */
export const jobExamples: Record<string, Example> = {
  xor: {
    summary: "XOR with a multilayer perceptron",
    value: {
      name: "xor",
      architecture: { type: "mlp", hidden: [8], activation: "tanh" },
      dataset: { rows: xorRows, target: "y" },
      hyperparameters: { epochs: 500, optimizer: { type: "adam", learning_rate: 0.05 } },
      model: { name: "xor" },
    },
  },
  and_neuron: {
    summary: "AND as a McCulloch–Pitts neuron (1943)",
    value: {
      name: "and-neuron",
      architecture: { type: "mcculloch_pitts", weights: [1, 1], threshold: 2 },
      dataset: { rows: xorRows.map(({ a, b }) => ({ a, b, y: a & b })), target: "y" },
    },
  },
  or_perceptron: {
    summary: "OR learned by Rosenblatt's perceptron (1958)",
    value: {
      name: "or-perceptron",
      architecture: { type: "perceptron" },
      dataset: { rows: xorRows.map(({ a, b }) => ({ a, b, y: a | b })), target: "y" },
    },
  },
  regression: {
    summary: "Numbers: a layer list and a regression target",
    value: {
      name: "parabola",
      architecture: {
        type: "sequential",
        layers: [
          { type: "dense", units: 16, activation: "tanh" },
          { type: "dense", units: 1 },
        ],
      },
      dataset: {
        rows: Array.from({ length: 41 }, (_, i) => ({ x: (i - 20) / 20, y: ((i - 20) / 20) ** 2 + 0.5 })),
        target: "y",
        task: "regression",
      },
      hyperparameters: { epochs: 200, loss: "mean_squared_error" },
    },
  },
};

/** POST …/predict for the model `xor` of the first job example. */
export const predictExamples: Record<string, Example> = {
  xor: {
    summary: "The four rows of XOR",
    value: { instances: xorRows.map(({ a, b }) => ({ a, b })) },
  },
};

const datasetRowsExample = {
  name: "points",
  rows: [
    { x: 0.1, y: 0.4, inside: true },
    { x: 0.9, y: 0.8, inside: false },
    { x: 0.2, y: 0.3, inside: true },
    { x: 0.7, y: 0.9, inside: false },
  ],
};

/** POST /v1/datasets takes files and raw bodies, which no zod schema describes. */
export const datasetRequestBody = {
  required: true,
  content: {
    "application/json": {
      schema: { $ref: "#/components/schemas/DatasetRowsInput" },
      examples: { rows: { summary: "Rows as JSON", value: datasetRowsExample } },
    },
    "multipart/form-data": {
      schema: {
        type: "object",
        description: "At least one file. Fields named by a language (en, de) are two sides of a translation, too.",
        properties: {
          file: {
            type: "string",
            format: "binary",
            description:
              "CSV, TSV, lines of text, JSON, NDJSON, Parquet, NPY, NPZ, also .gz; IDX images and labels as two files; a ZIP of " +
              "pictures (PNG, JPEG, WebP) or sounds (WAV, MP3) in class folders, or of any of the others. Repeat the field for several.",
          },
          train: { type: "string", format: "binary", description: "instead of file: the rows for training" },
          validation: { type: "string", format: "binary", description: "the rows for validation" },
          test: { type: "string", format: "binary", description: "the rows for the final test" },
          source: { type: "string", format: "binary", description: "lines of text that `target` translates" },
          target: { type: "string", format: "binary", description: "line N translates line N of `source`" },
          name: { type: "string", examples: ["iris"] },
          format: { type: "string", enum: datasetFormats },
          options: {
            type: "string",
            description: 'JSON, such as {"delimiter":";","columns":{"zip":"category"}} or {"image":{"size":[64,64]}}',
          },
        },
      },
    },
    "text/csv": {
      schema: { type: "string" },
      examples: { points: { summary: "A small table", value: "x,y,inside\n0.1,0.4,yes\n0.9,0.8,no\n0.2,0.3,yes\n" } },
    },
    "application/x-ndjson": {
      schema: { type: "string" },
      examples: {
        points: { summary: "One object per line", value: '{"x":0.1,"inside":true}\n{"x":0.9,"inside":false}\n' },
      },
    },
    "application/vnd.apache.parquet": { schema: { type: "string", format: "binary" } },
    "application/zip": { schema: { type: "string", format: "binary" } },
  },
};
