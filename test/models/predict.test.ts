// Published versions: what they predict is what was evaluated, they never change, and only what fits stays loaded.
import { rm } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { Job } from "../../src/contract/job.ts";
import type { PredictResponse } from "../../src/contract/model.ts";
import { encodeRows } from "../../src/datasets/features/encode.ts";
import { decodeNumber } from "../../src/datasets/features/number-target.ts";
import { readTable } from "../../src/datasets/read-table.ts";
import { decodeCheckpoint, encodeCheckpoint } from "../../src/engine/checkpoint.ts";
import { predict } from "../../src/engine/evaluate.ts";
import { recallKernels, resolveTier } from "../../src/engine/kernels/tiers.ts";
import { instantiate } from "../../src/engine/network.ts";
import { type NetworkSpec, planNetwork } from "../../src/engine/plan.ts";
import { finishedState, restoreWeights } from "../../src/engine/training-state.ts";
import { LoadedModel } from "../../src/models/loaded-model.ts";
import { Predictor } from "../../src/models/predict.ts";
import { readRecord } from "../../src/models/registry.ts";
import { getBytes } from "../../src/store/blobs.ts";
import { openDatabase, type Store } from "../../src/store/database.ts";
import { getDataset, getDatasetBlob } from "../../src/store/datasets.ts";
import { getVersionRow } from "../../src/store/models.ts";
import { unpackTable, workFolderOf } from "../../src/store/table-cache.ts";
import { generatedRows, submit, waitForEnd } from "../long-job.ts";
import { type RunningServer, startTemporaryServer } from "../server.ts";

const rows = generatedRows(150).map((row, index) => ({
  ...row,
  x0: index % 11 === 0 ? null : row["x0"],
  colour: ["red", "green", "blue"][index % 3],
  three: ["a", "b", "c"][index % 3],
  size: Number(row["x1"]) * 1000 + 5,
}));
let server: RunningServer;
let datasetId: string;
let store: Store;

beforeAll(async () => {
  server = await startTemporaryServer();
  datasetId = (await server.api("POST", "/v1/datasets", { name: "rows", rows })).body.id as string;
  store = openDatabase(server.config.database);
});
afterAll(async () => {
  await store.destroy();
  await server.stop();
});

const train = async (model: string, options: { target?: string; seed?: number; architecture?: object } = {}) =>
  await submit(server, {
    architecture: options.architecture ?? { type: "mlp", hidden: [12] },
    dataset: {
      id: datasetId,
      target: options.target ?? "label",
      features: ["x0", "x1", "x2", "x3", "colour"],
      split: { validation: 0, test: 0 },
    },
    hyperparameters: { epochs: 5, seed: options.seed ?? 1 },
    model: { name: model },
  });

async function trained(model: string, options?: Parameters<typeof train>[1]): Promise<Job> {
  const job = await waitForEnd(server, (await train(model, options)).id);
  expect(job.status).toBe("succeeded");
  return job;
}

const ask = async (path: string, instances: unknown[] = rows) =>
  (await server.api<PredictResponse>("POST", `/v1/models/${path}/predict`, { instances })).body;

/** The outputs of a version for every row of its dataset, by the way training takes: table → encoders → network. */
async function outputsOf(job: Job) {
  const row = await getVersionRow(store, job.result!.model, job.result!.version);
  const record = readRecord(row);
  const { schema } = await getDataset(store, datasetId);
  const path = await unpackTable(store, workFolderOf(server.config.database), await getDatasetBlob(store, datasetId));
  const table = await readTable(path, schema.columns);
  const { network: layers, precision, head } = record;
  // Another capacity than the server's: a row's bits do not depend on the batch it is in.
  const network = instantiate(
    planNetwork(layers, { batchCapacity: 7, precision, loss: head.loss }),
    recallKernels(record.kernels, resolveTier("auto"), precision),
  );
  restoreWeights(network, decodeCheckpoint(await getBytes(store, row.blob)));
  const all = Int32Array.from(rows.keys());
  const outputs = predict(network, encodeRows(record.features, table, all, precision), rows.length);
  return { outputs: Array.from(outputs), record };
}

test("a version whose rows take much memory computes fewer of them at once", async () => {
  const job = await trained("large", { target: "three" });
  const { record } = await outputsOf(job);
  // One row takes 8 MiB behind the convolution, 64 of them half a GiB.
  const network: NetworkSpec = {
    input_shape: [256, 256, 1],
    layers: [
      { type: "conv2d", filters: 32, kernel_size: 1 },
      { type: "global_average_pool" },
      { type: "dense", units: 3 },
    ],
  };
  const { loss } = record.head;
  const small = instantiate(
    planNetwork(network, { batchCapacity: 1, precision: "float32", loss }),
    recallKernels(record.kernels, resolveTier("reference"), "float32"),
  );
  const weights = encodeCheckpoint(finishedState(small, { epochsDone: 1, rowsSeen: 0, stepsDone: 1 }));
  const loaded = new LoadedModel({ ...record, network }, weights, resolveTier("reference"));
  expect(loaded.memoryBytes).toBeLessThan(130 * 2 ** 20);
  expect(loaded.memoryBytes).toBeGreaterThan(60 * 2 ** 20);
});

describe("a prediction through HTTP", () => {
  test("for several classes has the bits of the evaluation at training time", async () => {
    const job = await trained("classes", { target: "three" });
    const { outputs } = await outputsOf(job);
    const { predictions } = await ask("classes");
    const probabilities = predictions.flatMap(({ probabilities: shares }) => [
      shares!["a"],
      shares!["b"],
      shares!["c"],
    ]);
    expect(probabilities).toEqual(outputs);
    const right = predictions.filter(({ label }, index) => label === rows[index].three).length;
    expect(right / rows.length).toBe(job.result!.metrics["train_accuracy"]);
  });

  test.each(["tanh", "identity", "relu"])(
    "of classes through %s outputs is made of shares from 0 to 1",
    async (output_activation) => {
      const rowsOfTwo = rows.map(({ size, colour }, index) => ({
        x1: (size - 5) / 1000,
        two: index % 2,
        three: colour,
      }));
      for (const target of ["two", "three"]) {
        const body = {
          name: `${output_activation}-${target}`,
          architecture: { type: "mlp", hidden: [4], output_activation },
          dataset: { rows: rowsOfTwo, target, features: ["x1"], task: "classification" },
          hyperparameters: { epochs: 3, loss: "mean_squared_error" },
        };
        const { id } = (await server.api<Job>("POST", "/v1/jobs", body)).body;
        await waitForEnd(server, id);
        for (const { probability, probabilities } of (await ask(body.name, [[-3], [0], [0.5], [3]])).predictions) {
          const shares = Object.values(probabilities!);
          expect(shares.every((share) => share >= 0 && share <= 1)).toBe(true);
          expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 5);
          expect(probability).toBe(Math.max(...shares));
        }
      }
    },
  );

  test("for two classes has the bits of the evaluation at training time", async () => {
    const job = await trained("binary");
    const { outputs, record } = await outputsOf(job);
    const { predictions } = await ask("binary");
    const [, second] = record.target.kind === "class" ? record.target.classes : [];
    expect(predictions.map(({ probabilities }) => probabilities![String(second)])).toEqual(outputs);
    const right = predictions.filter(({ label }, index) => label === rows[index]["label" as "three"]).length;
    expect(right / rows.length).toBe(job.result!.metrics["train_accuracy"]);
  });

  test("for a number has the bits of the evaluation, in the units of the target", async () => {
    const job = await trained("number", { target: "size" });
    const { predictions } = await ask("number");
    const error = predictions.reduce((sum, { value }, index) => sum + Math.abs(value! - rows[index].size), 0);
    expect(error / rows.length).toBeCloseTo(job.result!.metrics["train_mae"]!, 3);
    const { outputs, record } = await outputsOf(job);
    if (record.target.kind !== "number") throw new Error("a number was asked for");
    const { target } = record;
    expect(predictions.map(({ value }) => value)).toEqual(outputs.map((output) => decodeNumber(target, 0, output)));
  });

  test("is the same for a row alone and among others", async () => {
    await trained("alone");
    const { predictions } = await ask("alone");
    for (const index of [0, 63, 64, 149]) {
      expect((await ask("alone", [rows[index]])).predictions).toEqual([predictions[index]]);
    }
  });
});

describe("versions of a model", () => {
  test("of two jobs that run at once are 1 and 2, though neither has the table unpacked yet", async () => {
    await rm(workFolderOf(server.config.database), { recursive: true, force: true });
    const jobs = await Promise.all([train("twin", { seed: 1 }), train("twin", { seed: 2 })]);
    const ended = await Promise.all(jobs.map(({ id }) => waitForEnd(server, id)));
    expect(ended.map(({ error }) => error)).toEqual([null, null]);
    expect(new Set(ended.map(({ result }) => result!.version))).toEqual(new Set([1, 2]));
  });

  test("never change, and the name means the newest", async () => {
    await trained("growing", { seed: 1 });
    const [before, described] = [await ask("growing"), (await server.api("GET", "/v1/models/growing/versions/1")).body];
    expect(before.version).toBe(1);
    await trained("growing", { seed: 2 });
    expect(await ask("growing/versions/1")).toEqual(before);
    expect((await server.api("GET", "/v1/models/growing/versions/1")).body).toEqual(described);
    const newest = await ask("growing");
    expect(newest.version).toBe(2);
    expect(newest.predictions).not.toEqual(before.predictions);
    expect((await server.api("GET", "/v1/models/growing")).body.latest_version).toBe(2);
  });

  test("survive the deletion of their job and dataset; a deleted name begins anew", async () => {
    const job = await trained("lasting", { seed: 1 });
    const before = await ask("lasting");
    expect((await server.api("DELETE", `/v1/jobs/${job.id}`)).status).toBe(204);
    expect(await ask("lasting")).toEqual(before);
    expect((await server.api("DELETE", "/v1/models/lasting")).status).toBe(204);
    expect((await server.api("POST", "/v1/models/lasting/predict", { instances: [rows[0]] })).status).toBe(404);
    await trained("lasting", { seed: 2 });
    const after = await ask("lasting");
    expect(after.version).toBe(1);
    expect(after.predictions).not.toEqual(before.predictions);
  });

  test("give weights that another job can start from", async () => {
    const job = await trained("source", { target: "three" });
    const { status, body } = await server.api("GET", "/v1/models/source/versions/1/parameters");
    expect([status, body.data?.length]).toEqual([200, 2]);
    const architecture = { type: "mlp", hidden: [12], initial_parameters: body.data };
    const again = await trained("continued", { target: "three", architecture });
    expect(again.result!.metrics["train_loss"]).toBeLessThan(job.result!.metrics["train_loss"]!);
  });
});

describe("the cache of loaded models", () => {
  /** Damages the stored weights: from then on only what is loaded predicts. */
  async function damage(model: string): Promise<void> {
    const { blob } = await getVersionRow(store, model);
    const before = store.selectFrom("blob_chunk").select("bytes").where("hash", "=", blob);
    const { bytes } = await before.executeTakeFirstOrThrow();
    onTestFinished(async () => {
      await store.updateTable("blob_chunk").set({ bytes }).where("hash", "=", blob).execute();
    });
    const damaged = Uint8Array.from(bytes, (byte, index) => (index === 100 ? byte ^ 1 : byte));
    await store.updateTable("blob_chunk").set({ bytes: damaged }).where("hash", "=", blob).execute();
  }

  test("keeps the newest used and lets the others go when there is no room", async () => {
    await trained("first", { seed: 3 });
    await trained("second", { seed: 4 });
    const predictor = new Predictor(store, () => resolveTier("auto"), 1);
    await predictor.predict("first", undefined, [rows[0]]);
    await predictor.predict("second", undefined, [rows[0]]);
    await damage("first");
    await damage("second");
    expect((await predictor.predict("second", undefined, [rows[0]])).predictions).toHaveLength(1);
    await expect(predictor.predict("first", undefined, [rows[0]])).rejects.toThrow(/damaged/);
  });

  test("is not disturbed by a model that cannot be loaded", async () => {
    await trained("healthy", { seed: 5 });
    await trained("broken", { seed: 6 });
    await damage("broken");
    const predictor = new Predictor(store, () => resolveTier("auto"));
    const asked = ["broken", "healthy", "broken"].map((name) => predictor.predict(name, undefined, [rows[0]]));
    const outcomes = (await Promise.allSettled(asked)).map(({ status }) => status);
    expect(outcomes).toEqual(["rejected", "fulfilled", "rejected"]);
  });
});
