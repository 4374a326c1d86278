// The generated kernels through the whole service: what is recorded of them, and that a version predicts as evaluated.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Job } from "../../src/contract/job.ts";
import type { Readiness } from "../../src/contract/health.ts";
import type { ModelVersion } from "../../src/contract/model.ts";
import { type RunningServer, startTemporaryServer } from "../server.ts";

/** A ring around a disc: no straight line separates the two. */
const rows = Array.from({ length: 120 }, (_, i) => {
  const radius = i % 2 === 0 ? 0.5 : 1.5;
  return { x: radius * Math.cos(i), y: radius * Math.sin(i), outside: i % 2 === 0 ? "no" : "yes" };
});

describe("a job on the fastest kernels", () => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await startTemporaryServer({ kernels: "auto" });
  });
  afterAll(async () => await server.stop());

  async function train(name: string, deterministic: boolean): Promise<ModelVersion> {
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

  test("learns, and its version records the tier that /readyz shows", async () => {
    const version = await train("fast", false);
    const { body } = await server.api<Readiness>("GET", "/readyz");
    expect(["relaxed256", "fma", "simd128"]).toContain(body.kernels);
    expect(version.kernels).toBe(`${body.kernels}-float32`);
    expect(version.metrics["test_accuracy"]).toBe(1);
  });

  test("runs in separate multiplies and adds when it shall be deterministic", async () => {
    expect((await train("repeatable", true)).kernels).toBe("simd128-float32");
  });

  test("predicts the same bits alone and among others", async () => {
    const predictions = async (instances: unknown[]) =>
      (await server.api("POST", "/v1/models/fast/predict", { instances })).body.predictions as unknown[];
    const together = await predictions(rows);
    const alone = await Promise.all(rows.slice(0, 10).map(async (row) => (await predictions([row]))[0]));
    expect(alone).toEqual(together.slice(0, 10));
  });
});
