// A time series from one POST: windows over successive rows, and the next values predicted from the last ones.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Job } from "../../src/contract/job.ts";
import type { ModelVersion, PredictResponse } from "../../src/contract/model.ts";
import { type RunningServer, startTemporaryServer } from "../server.ts";

/** A sine of period 20 around 100, and the temperature that goes with it a quarter turn earlier. */
const rowAt = (t: number) => ({
  t,
  load: 100 + 10 * Math.sin((2 * Math.PI * t) / 20),
  temperature: Math.cos((2 * Math.PI * t) / 20),
});
const rows = Array.from({ length: 200 }, (_, t) => rowAt(t));
const shuffled = rows.map((_, i) => rows[(i * 37) % 200]);

const request = (dataset: object) => ({
  name: "load",
  architecture: { type: "mlp", hidden: [16] },
  dataset: { rows: shuffled, target: "load", window: { length: 8, horizon: 2 }, split: { time: "t" }, ...dataset },
  hyperparameters: { epochs: 60, optimizer: { type: "adam", learning_rate: 0.01 } },
});

describe("a job over a time series", () => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await startTemporaryServer();
  });
  afterAll(async () => await server.stop());

  test("learns the next steps and predicts them from the last rows", async () => {
    const posted = await server.api<Job>("POST", "/v1/jobs", request({}));
    expect(posted.status).toBe(202);
    const { body: job } = await server.api<Job>("GET", `${posted.body.links.self}?wait=60`);
    expect(job).toMatchObject({ status: "succeeded", request: { dataset: { window: { length: 8, stride: 1 } } } });
    expect(job.request.dataset.features!.map((one) => (typeof one === "string" ? one : one.name))).toEqual([
      "load",
      "temperature",
    ]);
    expect(job.result!.metrics["test_r2"]).toBeGreaterThan(0.95);

    const last = [3, 4, 5, 6, 7, 8, 9, 10].map(rowAt);
    const { body } = await server.api<PredictResponse>("POST", "/v1/models/load/predict", { instances: [last] });
    const { values } = body.predictions[0];
    expect(Object.keys(values!)).toEqual(["load+1", "load+2"]);
    expect(Math.abs(values!["load+1"] - rowAt(11).load)).toBeLessThan(3);
    const version = await server.api<ModelVersion>("GET", "/v1/models/load/versions/1");
    expect(version.body.window).toEqual({ length: 8, horizon: 2 });
  });

  test.each([
    [{ window: { length: 30, horizon: 1 } }, "/dataset/window", "no_window"],
    [{ split: { group: "t" } }, "/dataset/split/group", "not_by_time"],
    [{ task: "classification" }, "/dataset/task", "window_of_classes"],
  ])("with %j is refused", async (dataset, pointer, code) => {
    const { status, body } = await server.api("POST", "/v1/jobs/validate", request(dataset));
    expect(status).toBe(422);
    expect(body.errors).toContainEqual(expect.objectContaining({ pointer: `#${pointer}`, code }));
  });
});
