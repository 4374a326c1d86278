// Texts as token numbers through an embedding and a recurrent layer: from one POST to the prediction of a text.
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Job } from "../../src/contract/job.ts";
import type { PredictResponse } from "../../src/contract/model.ts";
import { type RunningServer, startTemporaryServer } from "../server.ts";

/** Whether "left" or "right" comes first decides, not which words there are: a bag of words cannot tell. */
const fillers = ["oh", "well", "then", "so"];
const rows = Array.from({ length: 160 }, (_, i) => {
  const [first, second] = i % 2 === 0 ? ["left", "right"] : ["right", "left"];
  const words = [fillers[i % 4], first, fillers[(i >> 2) % 4], second, fillers[(i >> 4) % 4]];
  return { text: words.join(" "), answer: first };
});

let server: RunningServer;
beforeAll(async () => {
  server = await startTemporaryServer({ kernels: "auto" });
});
afterAll(async () => await server.stop());

test("an embedding with fewer tokens than the text may have is refused when the job is submitted", async () => {
  const { status, body } = await server.api("POST", "/v1/jobs/validate", {
    architecture: {
      type: "sequential",
      layers: [{ type: "embedding", vocabulary: 16, units: 8 }, { type: "flatten" }, { type: "dense", units: 2 }],
    },
    dataset: { rows, target: "answer", features: [{ name: "text", type: "text", encoding: "character_ids" }] },
  });
  expect(status).toBe(422);
  expect(body.errors).toMatchObject([
    {
      pointer: "#/architecture/layers/0/vocabulary",
      code: "vocabulary_too_small",
      hint: "Set vocabulary to 5000, or the feature's vocabulary_size to 16.",
    },
  ]);
});

test("the order of words is learnt, and a bare text is answered", async () => {
  const posted = await server.api<Job>("POST", "/v1/jobs", {
    name: "order",
    architecture: {
      type: "sequential",
      layers: [
        { type: "embedding", vocabulary: 16, units: 8 },
        { type: "gru", units: 12 },
        { type: "dense", units: 2, activation: "softmax" },
      ],
    },
    dataset: {
      rows,
      target: "answer",
      features: [{ name: "text", type: "text", encoding: "word_ids", vocabulary_size: 16, max_length: 6 }],
    },
    hyperparameters: { epochs: 40, optimizer: { type: "adam", learning_rate: 0.02 } },
  });
  expect([posted.status, posted.body]).toMatchObject([202, { object: "job" }]);
  const { body: job } = await server.api<Job>("GET", `${posted.body.links.self}?wait=60`);
  expect(job.error).toBeNull();
  expect(job.result!.metrics["validation_accuracy"]).toBe(1);
  const instances = ["well right so left", { text: "left then right" }];
  const { body } = await server.api<PredictResponse>("POST", "/v1/models/order/predict", { instances });
  expect(body.predictions.map(({ label }) => label)).toEqual(["right", "left"]);
});

test("numbers that are no tokens of the network are refused with their instance", async () => {
  const numbers = Array.from({ length: 40 }, (_, i) => ({ first: i % 5, second: (3 * i) % 5, same: String(i % 2) }));
  const columns = ["first", "second"].map((name) => ({ name, type: "number", scale: "none" }));
  const posted = await server.api<Job>("POST", "/v1/jobs", {
    name: "numbers",
    architecture: {
      type: "sequential",
      layers: [
        { type: "embedding", vocabulary: 5, units: 3 },
        { type: "lstm", units: 3 },
        { type: "dense", units: 2 },
      ],
    },
    dataset: { rows: numbers, target: "same", features: columns },
    hyperparameters: { epochs: 1 },
  });
  expect([posted.status, posted.body]).toMatchObject([202, { object: "job" }]);
  const { body: job } = await server.api<Job>("GET", `${posted.body.links.self}?wait=60`);
  expect(job.error).toBeNull();
  const ask = async (second: number) =>
    await server.api("POST", "/v1/models/numbers/predict", {
      instances: [
        { first: 4, second: 0 },
        { first: 1, second },
      ],
    });
  expect((await ask(4)).status).toBe(200);
  for (const wrong of [5, -1, 1.5]) {
    const { status, body } = await ask(wrong);
    expect([status, body.code, body.errors[0].pointer]).toEqual([422, "invalid_instance", "#/instances/1"]);
    expect(body.detail).toContain(`is ${wrong}, expected a token, a whole number from 0 to 4`);
  }
});
