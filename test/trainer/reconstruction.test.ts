// Autoencoders: jobs without a target, whose error tells what is unusual.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Job } from "../../src/contract/job.ts";
import type { PredictResponse } from "../../src/contract/model.ts";
import { submit, waitForEnd } from "../long-job.ts";
import { type RunningServer, startTemporaryServer } from "../server.ts";

let server: RunningServer;
beforeAll(async () => {
  server = await startTemporaryServer({ kernels: "auto" });
});
afterAll(async () => await server.stop());

/** Points on a curve, with the half that they are in. */
const rows = Array.from({ length: 200 }, (_, i) => {
  const a = i / 20;
  return {
    x: 3.7 * a,
    y: Math.round(1000 * Math.sin(a)) / 1000,
    z: -2 * a,
    half: i < 100 ? "low" : "high",
  };
});

describe("an autoencoder of a table", () => {
  let ended: Job;
  beforeAll(async () => {
    const job = await submit(server, {
      name: "curve",
      architecture: { type: "autoencoder", code: 2, hidden: [32], activation: "tanh" },
      dataset: { rows },
      hyperparameters: { epochs: 150, optimizer: { type: "adam", learning_rate: 0.01 } },
    });
    ended = await waitForEnd(server, job.id);
  });

  test("needs no target, and the job shows none", () => {
    expect(ended).toMatchObject({
      status: "succeeded",
      request: { architecture: { filters: [], hidden: [32] }, dataset: { task: "reconstruction" } },
    });
    expect(ended.request.dataset).not.toHaveProperty("target");
    expect(ended.result!.metrics["test_reconstruction_error"]).toBeLessThan(0.05);
  });

  test("gives rows back in the units of their columns, and what is not on the curve badly", async () => {
    const [usual, unusual] = [rows[60], { ...rows[60], y: 5 }];
    const { body } = await server.api<PredictResponse>("POST", "/v1/models/curve/predict", {
      instances: [usual, unusual],
    });
    const [good, bad] = body.predictions;
    const { x, half } = good.reconstruction as { x: number; half: string };
    expect(Math.abs(x - usual.x)).toBeLessThan(2);
    expect(half).toBe("low");
    expect(bad.error!).toBeGreaterThan(10 * good.error!);
    expect(bad.errors!["y"]).toBe(Math.max(...Object.values(bad.errors!)));
  });

  test("is evaluated by the errors of its rows", async () => {
    const { body } = await server.api("GET", "/v1/models/curve/versions/1/evaluation");
    expect(body).toMatchObject({ task: "reconstruction", part: "test" });
    expect(body.per_feature.map(({ name: feature }: { name: string }) => feature)).toEqual(["x", "y", "z", "half"]);
    const inOrder = Object.entries(body.error_quantiles as Record<string, number>);
    const quantiles = inOrder.toSorted(([a], [b]) => Number(a) - Number(b)).map(([, error]) => error);
    expect(quantiles).toEqual(quantiles.toSorted((a, b) => a - b));
    expect(body.worst_rows[0].reconstruction_error).toBe(body.error_quantiles["1"]);
    expect(body.metrics.r2).toBeGreaterThan(0.9);
  });

  test("has no target", async () => {
    const { body } = await server.api("GET", "/v1/models/curve/versions/1");
    expect(body).toMatchObject({ task: "reconstruction", target: { names: [] } });
  });
});

test("an autoencoder of images has convolutions that mirror each other, and gives pixels back", async () => {
  const job = await submit(server, {
    name: "digits",
    architecture: { type: "autoencoder", code: 8, filters: [4], noise: 0.1 },
    dataset: { builtin: "mnist", split: { validation: 0.05, test: 0.9 } },
    hyperparameters: { epochs: 1 },
  });
  const ended = await waitForEnd(server, job.id);
  expect(ended).toMatchObject({ status: "succeeded", error: null });
  // The labels are no inputs: images stand alone.
  const version = await server.api("GET", "/v1/models/digits/versions/1");
  expect(version.body.inputs).toMatchObject([{ type: "image", shape: [28, 28, 1] }]);
  const image = Array.from({ length: 28 }, () => Array.from({ length: 28 }, () => 0));
  const { body } = await server.api<PredictResponse>("POST", "/v1/models/digits/predict", { instances: [image] });
  const [[pixels]] = Object.values(body.predictions[0].reconstruction!) as number[][][];
  expect(pixels).toHaveLength(28);
  expect(pixels.every((pixel) => Number.isInteger(pixel) && pixel >= 0 && pixel <= 255)).toBe(true);
});

describe("refused", () => {
  const faultOf = async (job: object) => {
    const { status, body } = await server.api("POST", "/v1/jobs/validate", job);
    expect(status).toBe(422);
    return body.errors.map(({ pointer, code }: Record<string, string>) => [pointer, code]);
  };
  const architecture = { type: "autoencoder" };

  test.each([
    ["a target", { architecture, dataset: { rows, target: "x" } }, "#/dataset/target", "no_target"],
    [
      "filters for what is no image",
      { architecture: { ...architecture, filters: [4] }, dataset: { rows } },
      "#/architecture/filters",
      "needs_images",
    ],
    [
      "a loss of classes",
      { architecture, dataset: { rows }, hyperparameters: { loss: "cross_entropy" } },
      "#/hyperparameters/loss",
      "loss_does_not_fit",
    ],
    [
      "another architecture for its task",
      { architecture: { type: "mlp" }, dataset: { rows, target: "x", task: "reconstruction" } },
      "#/dataset/task",
      "task_does_not_fit",
    ],
  ])("%s", async (_what, job, pointer, code) => {
    expect(await faultOf(job)).toContainEqual([pointer, code]);
  });

  test("no target for other architectures", async () => {
    expect(await faultOf({ architecture: { type: "mlp" }, dataset: { rows } })).toEqual([
      ["#/dataset/target", "required"],
    ]);
  });
});
