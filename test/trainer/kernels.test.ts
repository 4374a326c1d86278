// The generated kernels through the whole service: what is recorded of them, and that a version predicts as evaluated.
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { Job } from "../../src/contract/job.ts";
import type { Readiness } from "../../src/contract/health.ts";
import type { ModelVersion } from "../../src/contract/model.ts";
import { createKernels, haveSameBits, recallKernels, resolveTier } from "../../src/engine/kernels/tiers.ts";
import { submitLong, waitForEnd, waitForEpoch } from "../long-job.ts";
import { eventually, type RunningServer, startTemporaryServer, temporaryDatabase } from "../server.ts";

/** A ring around a disc: no straight line separates the two. */
const rows = Array.from({ length: 120 }, (_, i) => {
  const radius = i % 2 === 0 ? 0.5 : 1.5;
  return { x: radius * Math.cos(i), y: radius * Math.sin(i), outside: i % 2 === 0 ? "no" : "yes" };
});

async function train(server: RunningServer, name: string, deterministic: boolean): Promise<ModelVersion> {
  const { body } = await server.api<Job>("POST", "/v1/jobs", {
    architecture: { type: "mlp", hidden: [16], activation: "tanh" },
    dataset: { rows, target: "outside", split: { validation: 0.2, test: 0.2 } },
    hyperparameters: { epochs: 60, batch_size: 8, deterministic, optimizer: { type: "adam", learning_rate: 0.02 } },
    model: { name },
  });
  const { body: job } = await server.api<Job>("GET", `/v1/jobs/${body.id}?wait=30`);
  expect(job.error).toBeNull();
  return (await server.api<ModelVersion>("GET", `/v1/models/${name}/versions/1`)).body;
}

describe("a job on the fastest kernels", () => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await startTemporaryServer({ kernels: "auto" });
  });
  afterAll(async () => await server.stop());

  test("learns, and its version records the tier that /readyz shows", async () => {
    const version = await train(server, "fast", false);
    const { body } = await server.api<Readiness>("GET", "/readyz");
    expect(["relaxed256", "fma", "simd128"]).toContain(body.kernels);
    expect(version.kernels).toBe(`${body.kernels}-float32`);
    expect(version.metrics["test_accuracy"]).toBe(1);
  });

  test("runs in separate multiplies and adds when it shall be deterministic", async () => {
    expect((await train(server, "repeatable", true)).kernels).toBe("simd128-float32");
  });

  test("predicts the same bits alone and among others", async () => {
    const predictions = async (instances: unknown[]) =>
      (await server.api("POST", "/v1/models/fast/predict", { instances })).body.predictions as unknown[];
    const together = await predictions(rows);
    const alone = await Promise.all(rows.slice(0, 10).map(async (row) => (await predictions([row]))[0]));
    expect(alone).toEqual(together.slice(0, 10));
  });
});

test("a deterministic job ends with the same bytes on the fastest kernels and on the reference", async () => {
  const end = async (kernels: "auto" | "reference"): Promise<unknown> => {
    const server = await startTemporaryServer({ kernels });
    try {
      const { metrics } = await train(server, "repeatable", true);
      const { body } = await server.api("GET", "/v1/models/repeatable/versions/1/parameters");
      return { metrics, parameters: body.data as unknown };
    } finally {
      await server.stop();
    }
  };
  expect(await end("auto")).toEqual(await end("reference"));
});

describe("a job that goes on in a trainer with other kernels", () => {
  /** Begun on the reference and paused with a checkpoint, then resumed by a server with `kernels`. */
  async function resumedWith(
    kernels: "auto" | "reference",
  ): Promise<{ job: Job; version: ModelVersion; weights: unknown }> {
    const { path, remove } = temporaryDatabase();
    onTestFinished(remove);
    const first = await startTemporaryServer({ database: path, kernels: "reference" });
    const { id } = await submitLong(first, 40, "mixed");
    await waitForEpoch(first, id, 2);
    await first.api("POST", `/v1/jobs/${id}/pause`);
    await eventually(
      "the job is paused",
      async () => (await first.api<Job>("GET", `/v1/jobs/${id}`)).body.status === "paused",
    );
    await first.stop();

    const second = await startTemporaryServer({ database: path, kernels });
    try {
      await second.api("POST", `/v1/jobs/${id}/resume`);
      const job = await waitForEnd(second, id);
      const { model, version } = job.result!;
      const self = `/v1/models/${model}/versions/${version}`;
      const weights = (await second.api("GET", `${self}/parameters`)).body.data as unknown;
      return { job, version: (await second.api<ModelVersion>("GET", self)).body, weights };
    } finally {
      await second.stop();
    }
  }

  test("ends with the bits of the kernels it was begun with, on the fastest that have them", async () => {
    const mixed = await resumedWith("auto");
    const pure = await resumedWith("reference");
    expect(mixed.version.kernels).toBe("simd128-float32");
    expect(pure.version.kernels).toBe("reference-float32");
    expect(mixed.weights).toEqual(pure.weights);
    expect(mixed.job.result!.metrics).toEqual(pure.job.result!.metrics);
  });
});

test("kernels give the same bits when their arithmetic is the same", () => {
  expect(haveSameBits("relaxed256-float32", "fma-float32")).toBe(true);
  expect(haveSameBits("fma-float32", "simd128-float32")).toBe(false);
  expect(haveSameBits("simd128-float32", "reference-float32")).toBe(true);
  expect(haveSameBits("fma-float32", "reference-float32")).toBe(false);
  expect(haveSameBits("reference-float32", "reference-float64")).toBe(false);
  expect(haveSameBits("reference-float64", "reference-float64")).toBe(true);
});

test("a deterministic version predicts with its own kernels also where others are forced", () => {
  const tier = resolveTier("fma");
  const trainedWith = createKernels(tier, "float32", true).name;
  expect(recallKernels(trainedWith, tier, "float32").name).toBe(trainedWith);
});
