// The contract of a job: every default is stated, and the echo of a request is itself a request.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { architecture, architectureTypes } from "../../src/contract/architecture.ts";
import { hyperparameters, optimizer } from "../../src/contract/hyperparameters.ts";
import { jobRequest } from "../../src/contract/job.ts";

const minimal = { architecture: { type: "mlp" }, dataset: { id: "ds_1", target: "y" } };

describe("defaults", () => {
  test("architecture and dataset are all that must be said", () => {
    expect(jobRequest.parse(minimal)).toEqual({
      architecture: { type: "mlp", hidden: [16], activation: "relu", output_activation: "auto", dropout: 0 },
      dataset: { id: "ds_1", target: "y", task: "auto" },
      hyperparameters: hyperparameters.parse({}),
    });
  });

  test("those of the hyperparameters are the design's", () => {
    expect(hyperparameters.parse({})).toEqual({
      epochs: 50,
      batch_size: "auto",
      label_smoothing: 0,
      diagnostics: false,
      shuffle: true,
      loss: "auto",
      precision: "float32",
      deterministic: false,
      seed: 42,
      threads: "auto",
    });
  });

  test.each(["sgd", "adam", "adamw", "rmsprop", "adagrad"])("%s needs only its name", (type) => {
    expect(optimizer.parse({ type }).learning_rate).toBeUndefined();
  });

  test("reading what was read changes nothing, so that an echoed job can be sent again", () => {
    const request = jobRequest.parse({
      ...minimal,
      hyperparameters: { optimizer: { type: "adamw" }, schedule: { type: "cosine" } },
    });
    expect(jobRequest.parse(JSON.parse(JSON.stringify(request)))).toEqual(request);
  });
});

describe("numbers", () => {
  /** Every number a hyperparameter or architecture takes, as a path into the request. */
  const places: (string | number)[][] = [
    ["architecture", "hidden", 0],
    ["architecture", "dropout"],
    ["dataset", "split", "validation"],
    ["dataset", "split", "test"],
    ["hyperparameters", "epochs"],
    ["hyperparameters", "batch_size"],
    ["hyperparameters", "seed"],
    ["hyperparameters", "threads"],
    ["hyperparameters", "optimizer", "learning_rate"],
    ["hyperparameters", "optimizer", "beta1"],
    ["hyperparameters", "optimizer", "epsilon"],
    ["hyperparameters", "optimizer", "weight_decay"],
    ["hyperparameters", "schedule", "minimum_learning_rate"],
    ["hyperparameters", "schedule", "warmup_epochs"],
    ["hyperparameters", "gradient_clip", "norm"],
  ];
  const full = () => ({
    architecture: { type: "mlp", hidden: [4], dropout: 0.1 },
    dataset: { id: "ds_1", target: "y", split: { validation: 0.1, test: 0.1 } },
    hyperparameters: {
      epochs: 1,
      batch_size: 1,
      seed: 1,
      threads: 1,
      optimizer: { type: "adam", learning_rate: 0.1, beta1: 0.9, epsilon: 1e-8, weight_decay: 0 },
      schedule: { type: "cosine", minimum_learning_rate: 0, warmup_epochs: 0 },
      gradient_clip: { norm: 1 },
    },
  });
  const notNumbers = [NaN, Infinity, -Infinity, "1", "", null, true, [], {}, [1]];

  function withValue(path: (string | number)[], value: unknown): unknown {
    const request: any = full();
    const holder = path.slice(0, -1).reduce((part, key) => part[key], request);
    holder[path.at(-1)!] = value;
    return request;
  }

  test("the request they stand in is valid", () => {
    expect(jobRequest.safeParse(full()).success).toBe(true);
  });

  test.each(places.map((path) => ({ at: path.join("."), path })))("$at takes only finite numbers", ({ path }) => {
    for (const value of notNumbers) {
      const result = jobRequest.safeParse(withValue(path, value));
      expect([value, result.success]).toEqual([value, false]);
      // Of a union ({norm} or {value}) it is the union that is complained of.
      const at = result.error!.issues[0].path;
      expect(at.length).toBeGreaterThanOrEqual(path.length - 1);
      expect(path.slice(0, at.length)).toEqual(at);
    }
  });

  test.each(["epochs", "batch_size", "seed", "threads"])("%s takes only safe whole numbers", (name) => {
    for (const value of [0.5, 2 ** 53, -1]) {
      expect([value, hyperparameters.safeParse({ [name]: value }).success]).toEqual([value, false]);
    }
  });

  test("a cell of a row is finite or no number", () => {
    const dataset = (a: unknown) => ({ ...minimal, dataset: { rows: [{ a, y: 1 }], target: "y" } });
    for (const value of [NaN, Infinity, -Infinity]) expect(jobRequest.safeParse(dataset(value)).success).toBe(false);
    for (const value of [0, -0, 1.5, null, "x", true]) expect(jobRequest.safeParse(dataset(value)).success).toBe(true);
  });
});

test("every architecture that is listed is one that a job may name, and the other way round", () => {
  const types = architecture.options.map((option) => option.shape.type.value);
  expect(types).toEqual([...architectureTypes]);
});

test("every schema of a request becomes JSON Schema", () => {
  expect(z.toJSONSchema(jobRequest, { io: "input" })).toMatchObject({
    $defs: { JobRequest: { required: ["architecture", "dataset"], additionalProperties: false } },
  });
});

test("no value makes the schema throw", () => {
  fc.assert(
    fc.property(fc.anything(), (value) => {
      expect(jobRequest.safeParse(value).success).toBe(false);
    }),
  );
});
