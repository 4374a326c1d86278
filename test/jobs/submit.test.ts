// Submitting and the dry run: what "auto" becomes, what is refused, and that nothing is stored unless all is right.
import { readdirSync } from "node:fs";
import { totalmem } from "node:os";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { workFolderOf } from "../../src/store/table-cache.ts";
import { type RunningServer, startTemporaryServer } from "../server.ts";

let server: RunningServer;
/** Dataset ids by number of rows. */
const datasets = new Map<number, string>();
const sizes = [20, 40, 100, 5_000, 14_400];

/** Four columns: a number, a class of three, a flag of two classes, and the target number. */
const rowsOf = (count: number) =>
  Array.from({ length: count }, (_, i) => ({
    x: ((i * 7) % 101) / 10,
    c: ["u", "v", "w"][i % 3],
    flag: i % 2 === 0,
    y: i % 97,
  }));

beforeAll(async () => {
  server = await startTemporaryServer({ trainers: 0 });
  for (const size of sizes) {
    const { body } = await server.api("POST", "/v1/datasets", { name: `rows ${size}`, rows: rowsOf(size) });
    datasets.set(size, body.id as string);
  }
});
afterAll(async () => await server.stop());

interface Asked {
  rows?: number;
  target?: string;
  dataset?: object;
  architecture?: object;
  hyperparameters?: object;
}

const bodyOf = ({ rows = 100, target = "y", dataset = {}, architecture, hyperparameters = {} }: Asked) => ({
  architecture: architecture ?? { type: "mlp" },
  dataset: { id: datasets.get(rows), target, ...dataset },
  hyperparameters,
});
const validate = async (asked: Asked) => await server.api("POST", "/v1/jobs/validate", bodyOf(asked));

async function resolved(asked: Asked) {
  const { status, body } = await validate(asked);
  expect([status, body.errors]).toEqual([200, undefined]);
  return body;
}

describe("auto", () => {
  // contract/hyperparameters.ts: all training rows up to 64, 32 up to 100,000, else 128. 70 % of the rows train.
  test.each([
    { rows: 20, train: 20, batch: 20 },
    { rows: 40, train: 28, batch: 28 },
    { rows: 100, train: 70, batch: 32 },
    { rows: 14_400, train: 10_080, batch: 32 },
  ])("gives $train training rows batches of $batch", async ({ rows, train, batch }) => {
    const { request, training_rows, steps } = await resolved({ rows, hyperparameters: { epochs: 3 } });
    expect(training_rows).toBe(train);
    expect(request.hyperparameters.batch_size).toBe(batch);
    expect(steps).toBe(3 * Math.ceil(train / batch));
  });

  // 100 rows: 70 train in 3 steps an epoch, so 1,600 epochs are 4,800 steps and 1,700 are 5,100.
  test.each([
    ["sgd", { optimizer: { type: "sgd" } }, 100, 0.1],
    ["sgd with momentum", { optimizer: { type: "sgd", momentum: 0.9 } }, 100, 0.01],
    ["adagrad", { optimizer: { type: "adagrad" } }, 100, 0.05],
    ["adam in a short run", { epochs: 1_600 }, 100, 0.01],
    ["adam in a long run", { epochs: 1_700 }, 100, 0.001],
    ["rmsprop in a short run", { optimizer: { type: "rmsprop" } }, 100, 0.01],
    ["adamw on more than 10,000 rows", { epochs: 1, optimizer: { type: "adamw" } }, 14_400, 0.001],
  ])("chooses the learning rate of %s", async (_name, hyperparameters, rows, expected) => {
    const { request } = await resolved({ rows, hyperparameters });
    expect(request.hyperparameters.optimizer.learning_rate).toBe(expected);
  });

  test.each([
    ["c", "classification", "cross_entropy", "softmax"],
    ["flag", "classification", "binary_cross_entropy", "sigmoid"],
    ["y", "regression", "mean_squared_error", "identity"],
  ])("for the target %s is %s with %s after %s", async (target, task, loss, activation) => {
    const { request } = await resolved({ target });
    expect(request.dataset.task).toBe(task);
    expect(request.hyperparameters.loss).toBe(loss);
    expect(request.architecture.output_activation).toBe(activation);
  });

  test("follows the last layer: two classes after softmax have cross_entropy", async () => {
    const softmax = { type: "mlp", output_activation: "softmax" };
    const layers = [
      { type: "dense", units: 2 },
      { type: "activation", activation: "softmax" },
    ];
    for (const architecture of [softmax, { type: "sequential", layers }]) {
      const { request } = await resolved({ target: "flag", architecture });
      expect(request.hyperparameters.loss).toBe("cross_entropy");
    }
  });

  test("takes every other column as a feature, one thread, and adam", async () => {
    const { request } = await resolved({ target: "c" });
    expect(request.dataset.features.map(({ name }: { name: string }) => name)).toEqual(["x", "flag", "y"]);
    expect(request.hyperparameters).toMatchObject({ threads: 1, optimizer: { type: "adam" } });
  });

  test("holds out 20 % and 10 %, but nothing of fewer than 30 rows, and says so", async () => {
    const usual = await resolved({ rows: 40 });
    const rows = { train: 28, validation: 8, test: 4 };
    expect(usual.request.dataset.split).toEqual({ validation: 0.2, test: 0.1, stratify: true, rows });
    expect(usual.warnings).toEqual([]);
    const few = await resolved({ rows: 20 });
    expect(few.request.dataset.split).toMatchObject({ validation: 0, test: 0 });
    expect(few.warnings).toMatchObject([{ pointer: "/dataset/split", code: "no_validation" }]);
  });

  test("is gone from what is echoed, which sent again means the same", async () => {
    const first = await resolved({ target: "c" });
    const { architecture, hyperparameters } = first.request;
    expect(JSON.stringify([architecture, hyperparameters])).not.toContain('"auto"');
    const { status, body } = await server.api("POST", "/v1/jobs/validate", first.request);
    expect([status, body]).toEqual([200, first]);
  });
});

describe("a request with a fault", () => {
  const faults: [string, Asked, string, string][] = [
    [
      "a batch larger than the data",
      { hyperparameters: { batch_size: 71 } },
      "/hyperparameters/batch_size",
      "batch_too_large",
    ],
    ["a target that is no column", { target: "z" }, "/dataset/target", "unknown_column"],
    ["a feature that is no column", { dataset: { features: ["x", "q"] } }, "/dataset/features/1", "unknown_column"],
    [
      "a loss for classes on numbers",
      { hyperparameters: { loss: "cross_entropy" } },
      "/hyperparameters/loss",
      "loss_does_not_fit",
    ],
    [
      "a warm-up as long as the training",
      { hyperparameters: { epochs: 5, schedule: { type: "constant", warmup_epochs: 5 } } },
      "/hyperparameters/schedule/warmup_epochs",
      "too_big",
    ],
    ["an unknown dataset", { dataset: { id: "ds_none" } }, "/dataset/id", "unknown_dataset"],
    [
      "a learning rate of 0",
      { hyperparameters: { optimizer: { type: "sgd", learning_rate: 0 } } },
      "/hyperparameters/optimizer/learning_rate",
      "too_small",
    ],
  ];

  test.each(faults)(
    "is refused for %s, pointing at it, with a hint; validate and submit alike",
    async (_, asked, pointer, code) => {
      for (const path of ["/v1/jobs/validate", "/v1/jobs"]) {
        const { status, body } = await server.api("POST", path, bodyOf(asked));
        expect(status).toBe(422);
        const fault = body.errors.find((error: { pointer: string }) => error.pointer === `#${pointer}`);
        expect(fault ?? body.errors).toMatchObject({ code });
        expect(fault.hint).toBeTruthy();
      }
    },
  );

  test("gives all its faults at once", async () => {
    const hyperparameters = {
      batch_size: 1000,
      loss: "cross_entropy",
      epochs: 2,
      schedule: { type: "constant", warmup_epochs: 3 },
    };
    const { body } = await validate({ hyperparameters });
    expect(body.errors).toHaveLength(3);
  });

  test("tells what the job's memory is made of, and how much it may be", async () => {
    const { status, body } = await validate({});
    expect(status).toBe(200);
    const { network_bytes, state_bytes, data_bytes, limit_bytes } = body.memory;
    expect(body.memory_bytes).toBe(network_bytes + state_bytes + data_bytes);
    for (const bytes of [network_bytes, state_bytes, data_bytes]) expect(bytes).toBeGreaterThan(0);
    expect(limit_bytes).toBeGreaterThan(body.memory_bytes);
    expect(limit_bytes).toBeLessThan(totalmem());
  });

  test("of more memory than there is, is refused with the figures", async () => {
    const hidden = Array.from({ length: 10 }, () => 65_536);
    const { status, body } = await validate({ architecture: { type: "mlp", hidden } });
    expect([status, body.code]).toEqual([422, "out_of_memory"]);
    expect(body.detail).toMatch(/needs \d+ MiB/);
    expect(body.hint).toBeTruthy();
  });

  test("of a network larger than 32-bit addresses reach, is refused however much memory there is", async () => {
    // Weights, gradients and weights packed for the backward pass, 12 · 40,000 · 20,000 bytes, and copies of the weights: a
    // small machine has not even that much.
    const architecture = { type: "mlp", hidden: [40_000, 20_000] };
    const hyperparameters = { optimizer: { type: "sgd", momentum: 0 } };
    const { status, body } = await validate({ architecture, hyperparameters });
    expect([status, body.code]).toEqual([422, "out_of_memory"]);
    expect(body.detail).toMatch(/network needs \d{4,5} MiB, more than the 4096 MiB|MiB a job may use here/);
  });
});

describe("inline rows", () => {
  const inline = (target: string) => ({
    name: "inline",
    architecture: { type: "mlp" },
    dataset: { rows: rowsOf(30), target },
  });
  const stored = async () => ({
    datasets: (await server.api("GET", "/v1/datasets?limit=100")).body.data.length as number,
    jobs: (await server.api("GET", "/v1/jobs?limit=100")).body.data.length as number,
  });
  const workFiles = () =>
    readdirSync(workFolderOf(server.config.database), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => name)
      .filter((name) => !name.endsWith(".parquet"));

  test("are not stored by the dry run, nor by a request that is refused", async () => {
    const before = await stored();
    const { status, body } = await server.api("POST", "/v1/jobs/validate", inline("y"));
    expect(status).toBe(200);
    expect(body.request.dataset.rows).toHaveLength(30);
    expect((await server.api("POST", "/v1/jobs", inline("nothing"))).status).toBe(422);
    expect(await stored()).toEqual(before);
    expect(workFiles()).toEqual([]);
  });

  test("become a dataset when all is right, and the job names it", async () => {
    const before = await stored();
    const { status, body, headers } = await server.api("POST", "/v1/jobs", inline("y"));
    expect(status).toBe(202);
    expect(headers.get("location")).toBe(`/v1/jobs/${body.id}`);
    expect(await stored()).toEqual({ datasets: before.datasets + 1, jobs: before.jobs + 1 });
    const dataset = await server.api("GET", `/v1/datasets/${body.request.dataset.id}`);
    expect(dataset.body).toMatchObject({ rows: 30, name: "inline" });
    expect(body.request.dataset.rows).toBeUndefined();
    expect(workFiles()).toEqual([]);
  });

  test("of the same bytes again are a dataset of their own, and the server stays alive", async () => {
    const first = (await server.api("POST", "/v1/jobs", inline("y"))).body.request.dataset.id;
    const second = (await server.api("POST", "/v1/jobs", inline("y"))).body.request.dataset.id;
    expect(second).not.toBe(first);
    expect((await server.api("GET", `/v1/datasets/${second}/rows?limit=1`)).status).toBe(200);
    expect((await server.api("GET", "/livez")).status).toBe(200);
  });
});
