// A label for each token: from one POST to the labels of a sentence.
import { afterAll, beforeAll, expect, test } from "vitest";
import { architectureOf } from "../../src/architectures/catalogue.ts";
import type { Evaluation } from "../../src/contract/evaluation.ts";
import type { Job } from "../../src/contract/job.ts";
import type { ModelVersion, PredictResponse } from "../../src/contract/model.ts";
import { type RunningServer, startTemporaryServer } from "../server.ts";

const example = architectureOf("tagger").example as {
  dataset: { rows: { tokens: string[]; tags: string[] }[]; features: object[] };
};

let server: RunningServer;
beforeAll(async () => {
  server = await startTemporaryServer({ kernels: "auto" });
});
afterAll(async () => await server.stop());

async function train(request: object): Promise<Job> {
  const posted = await server.api<Job>("POST", "/v1/jobs", request);
  expect([posted.status, posted.body]).toMatchObject([202, { object: "job" }]);
  return (await server.api<Job>("GET", `${posted.body.links.self}?wait=60`)).body;
}

test("the example of the catalogue learns parts of speech, also of words that have two", async () => {
  const job = await train(example);
  expect(job.error).toBeNull();
  expect(job.request.dataset).toMatchObject({ task: "tagging", features: [{ encoding: "item_ids", max_length: 8 }] });
  expect(job.result!.metrics).toMatchObject({ test_token_accuracy: 1, test_exact_match: 1, test_macro_f1: 1 });

  const path = "/v1/models/parts-of-speech/predict";
  const sentence = ["the", "can", "can", "see", "a", "can"];
  const labels = ["DET", "NOUN", "AUX", "VERB", "DET", "NOUN"];
  for (const instance of [sentence, [sentence], { tokens: sentence }, sentence.join(" ")]) {
    const { status, body } = await server.api<PredictResponse>("POST", path, { instances: [instance] });
    expect([status, body.predictions[0]?.labels]).toEqual([200, labels]);
    expect(body.predictions[0].label_probabilities).toHaveLength(labels.length);
  }
  const { body } = await server.api<PredictResponse>("POST", path, { instances: [[...sentence, ...sentence]] });
  expect(body.predictions[0].labels).toHaveLength(8);

  const { body: version } = await server.api<ModelVersion>("GET", "/v1/models/parts-of-speech/versions/1");
  expect(version).toMatchObject({
    task: "tagging",
    target: { names: ["tags"], classes: ["ADJ", "AUX", "DET", "NOUN", "PRON", "VERB"] },
  });
  const { body: evaluation } = await server.api<Evaluation>("GET", `${version.links.self}/evaluation`);
  expect(evaluation).toMatchObject({ task: "tagging", metrics: { token_accuracy: 1 }, per_class: { length: 6 } });
  expect(evaluation.worst_rows[0]).toMatchObject({ expected: expect.any(Array), predicted: expect.any(Array) });
});

test("a row without a label for each token is named", async () => {
  const rows = example.dataset.rows.map((row, at) => (at === 4 ? { ...row, tags: row.tags.slice(1) } : row));
  const job = await train({ ...example, dataset: { ...example.dataset, rows } });
  expect(job.error?.message).toBe('Row 5 has 5 tokens in "tokens", but 4 labels in "tags".');
});

test.each<[string, object, object, string]>([
  ["another architecture", { architecture: { type: "mlp" } }, { task: "tagging" }, "mlp is not for the task tagging."],
  ["another task", {}, { task: "sequence" }, "tagger is not for the task sequence."],
  [
    "another loss",
    { hyperparameters: { loss: "huber" } },
    {},
    "Each step of a sequence chooses one label out of many: huber does not measure that.",
  ],
  [
    "one answer for a row",
    {
      architecture: {
        type: "sequential",
        layers: [
          { type: "embedding", vocabulary: 5000, units: 4 },
          { type: "lstm", units: 4 },
          { type: "dense", units: 6 },
        ],
      },
    },
    { task: "tagging", features: [{ name: "tokens", type: "text", encoding: "item_ids", max_length: 8 }] },
    "The network gives one answer for 8 tokens.",
  ],
  [
    "words that may be taken apart",
    {},
    { features: [{ name: "tokens", type: "text", encoding: "word_ids" }] },
    "A label for each token needs tokens that stand one by one in the cell, but word_ids may make more or fewer of it.",
  ],
])("a job is refused before it runs: %s", async (_name, job, dataset, detail) => {
  const request = { ...example, ...job, dataset: { ...example.dataset, ...dataset } };
  const { status, body } = await server.api("POST", "/v1/jobs/validate", request);
  expect([status, body.errors.map((error: { detail: string }) => error.detail)]).toEqual([
    422,
    expect.arrayContaining([detail]),
  ]);
});
