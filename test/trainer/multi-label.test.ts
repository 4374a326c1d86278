// A target with several labels per row, from one POST to predictions with a probability for each label.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Job } from "../../src/contract/job.ts";
import type { PredictResponse } from "../../src/contract/model.ts";
import { type RunningServer, startTemporaryServer } from "../server.ts";

/** Big when x > 0, red when y > 0: every combination occurs, none of the two among them. */
const rows = Array.from({ length: 200 }, (_, i) => {
  const [x, y] = [Math.sin(i * 1.7), Math.cos(i * 2.3)];
  return { x, y, tags: [x > 0 ? "big" : "", y > 0 ? "red" : ""].filter((tag) => tag !== "").join(" | ") || "[]" };
});
const request = (dataset: object = {}, more: object = {}) => ({
  name: "tags",
  architecture: { type: "mlp", hidden: [16] },
  dataset: { rows, target: "tags", task: "multi_label", label_separator: "|", ...dataset },
  hyperparameters: { epochs: 60 },
  ...more,
});

describe("a job with several labels per row", () => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await startTemporaryServer();
  });
  afterAll(async () => await server.stop());

  test("learns a yes or no for each, and gives the labels with their probabilities", async () => {
    const posted = await server.api<Job>("POST", "/v1/jobs", request());
    expect(posted.status).toBe(202);
    const { body: job } = await server.api<Job>("GET", `${posted.body.links.self}?wait=60`);
    expect(job).toMatchObject({
      status: "succeeded",
      request: { hyperparameters: { loss: "binary_cross_entropy" }, dataset: { label_separator: "|" } },
    });
    expect(job.result!.metrics["validation_accuracy"]).toBeGreaterThan(0.85);
    const instances = [
      { x: 0.9, y: 0.9 },
      { x: 0.9, y: -0.9 },
      { x: -0.9, y: -0.9 },
    ];
    const { body } = await server.api<PredictResponse>("POST", "/v1/models/tags/predict", { instances });
    expect(body.predictions.map(({ labels }) => labels)).toEqual([["big", "red"], ["big"], []]);
    expect(Object.keys(body.predictions[0].probabilities!)).toEqual(["big", "red"]);
    expect((await server.api("GET", "/v1/models/tags/versions/1")).body).toMatchObject({
      task: "multi_label",
      target: { names: ["tags"], classes: ["big", "red"] },
    });
    const { body: evaluation } = await server.api("GET", "/v1/models/tags/versions/1/evaluation");
    expect(evaluation).toMatchObject({
      task: "multi_label",
      rows: 20,
      metrics: {
        subset_accuracy: job.result!.metrics["test_accuracy"],
        macro_f1: job.result!.metrics["test_macro_f1"],
      },
      per_class: [{ label: "big" }, { label: "red" }],
    });
  });

  test.each([
    ["numbers as labels", request({ target: "x", features: ["y"] }), "/dataset/target", "not_labels"],
    [
      "the loss for one class out of many",
      request({}, { hyperparameters: { loss: "cross_entropy" } }),
      "/hyperparameters/loss",
      "loss_does_not_fit",
    ],
  ])("is refused with %s", async (_sentence, body, pointer, code) => {
    const answer = await server.api("POST", "/v1/jobs/validate", body);
    expect(answer.status).toBe(422);
    expect(answer.body.errors).toContainEqual(expect.objectContaining({ pointer: `#${pointer}`, code }));
  });

  test("fails with words when the layers have another number of outputs than there are labels", async () => {
    const layers = [{ type: "dense", units: 3, activation: "sigmoid" }];
    const body = request({}, { architecture: { type: "sequential", layers } });
    const posted = await server.api<Job>("POST", "/v1/jobs", body);
    const { body: job } = await server.api<Job>("GET", `${posted.body.links.self}?wait=60`);
    expect(job.error).toMatchObject({
      code: "invalid_dataset",
      message: 'The network has 3 outputs, but "tags" has 2 labels.',
      hint: "Set the units of the last layer to 2.",
    });
  });
});
