// Texts into texts: from one POST to what the trained network writes.
import { afterAll, beforeAll, expect, test } from "vitest";
import { architectureOf } from "../../src/architectures/catalogue.ts";
import type { Evaluation } from "../../src/contract/evaluation.ts";
import type { Job } from "../../src/contract/job.ts";
import type { ModelVersion, PredictResponse } from "../../src/contract/model.ts";
import { type RunningServer, startTemporaryServer } from "../server.ts";

const { example } = architectureOf("seq2seq");

let server: RunningServer;
beforeAll(async () => {
  server = await startTemporaryServer({ kernels: "auto" });
});
afterAll(async () => await server.stop());

async function train(request: object): Promise<Job> {
  const posted = await server.api<Job>("POST", "/v1/jobs", request);
  expect([posted.status, posted.body]).toMatchObject([202, { object: "job" }]);
  const { body: job } = await server.api<Job>("GET", `${posted.body.links.self}?wait=60`);
  expect(job.error).toBeNull();
  return job;
}

test("the example of the catalogue learns to write words backwards, and says how well", async () => {
  const job = await train(example);
  expect(job.request.dataset).toMatchObject({ task: "sequence", target_tokens: { max_length: 5 } });
  expect(job.request.hyperparameters).toMatchObject({ loss: "cross_entropy", gradient_clip: { norm: 1 } });
  expect(job.result!.metrics).toMatchObject({ test_exact_match: 1, test_token_accuracy: 1 });

  const ask = async (body: object) => await server.api<PredictResponse>("POST", "/v1/models/backwards/predict", body);
  for (const options of [{}, { beam_width: 3, length_penalty: 0.5 }]) {
    const { status, body } = await ask({ instances: ["abc", { letters: "ccab" }, "bb"], ...options });
    expect(status).toBe(200);
    expect(body.predictions.map(({ text }) => text)).toEqual(["cba", "bacc", "bb"]);
    for (const { score } of body.predictions) expect(score).toBeGreaterThan(-0.5);
  }

  const { body: version } = await server.api<ModelVersion>("GET", "/v1/models/backwards/versions/1");
  expect(version).toMatchObject({
    task: "sequence",
    target: { names: ["backwards"] },
    decoding: { beam_width: 1, length_penalty: 1 },
  });
  const { body: evaluation } = await server.api<Evaluation>("GET", `${version.links.self}/evaluation`);
  expect(evaluation).toMatchObject({ task: "sequence", part: "test", metrics: { exact_match: 1 } });
  expect(evaluation.worst_rows[0]).toMatchObject({ expected: expect.any(String), predicted: expect.any(String) });
  const { status } = await server.api("GET", `${version.links.self}/parameters`);
  expect(status).toBe(200);
});

test("words are written with blanks between them, by an LSTM without attention too", async () => {
  const names: Record<string, string> = { "1": "one", "2": "two", "3": "three" };
  const digits = Object.keys(names);
  const rows = digits.flatMap((a) => digits.flatMap((b) => digits.map((c) => ({ number: `${a} ${b} ${c}` }))));
  await train({
    name: "digits",
    architecture: {
      type: "seq2seq",
      cell: "lstm",
      units: 24,
      layers: 2,
      bidirectional: false,
      attention: "none",
      dropout: 0,
    },
    dataset: {
      rows: rows.map(({ number }) => ({ number, words: number.replaceAll(/\d/g, (digit) => names[digit]) })),
      target: "words",
      features: [{ name: "number", type: "text", max_length: 3 }],
      target_tokens: { max_length: 6 },
    },
    hyperparameters: { epochs: 60, optimizer: { type: "adam", learning_rate: 0.02 } },
    model: { beam_width: 2 },
  });
  const { body } = await server.api<PredictResponse>("POST", "/v1/models/digits/predict", { instances: ["3 1 2"] });
  expect(body.predictions).toMatchObject([{ text: "three one two" }]);
});

test("a model that writes no texts takes no beams", async () => {
  const request = {
    architecture: { type: "mlp", hidden: [2] },
    dataset: { builtin: "xor" },
    hyperparameters: { epochs: 1 },
  };
  const refused = await server.api("POST", "/v1/jobs/validate", { ...request, model: { beam_width: 2 } });
  expect([refused.status, refused.body.errors]).toMatchObject([422, [{ pointer: "#/model/beam_width" }]]);
  await train({ ...request, name: "no-texts" });
  const body = { instances: [[0, 1]], beam_width: 2 };
  const { status, body: problem } = await server.api("POST", "/v1/models/no-texts/predict", body);
  expect([status, problem.errors]).toMatchObject([422, [{ pointer: "#/beam_width", code: "option_does_not_fit" }]]);
});

test.each<[string, object, object, string]>([
  [
    "another architecture",
    { architecture: { type: "mlp" } },
    { task: "sequence" },
    "mlp is not for the task sequence.",
  ],
  ["another task", {}, { task: "classification" }, "seq2seq is not for the task classification."],
  [
    "tokens of a class",
    { architecture: { type: "mlp" } },
    { task: "classification" },
    '"target_tokens" is for a target that is a text to be written.',
  ],
  [
    "a bag of words",
    {},
    { features: [{ name: "letters", type: "text", encoding: "tf_idf" }] },
    "seq2seq reads one text as tokens of a vocabulary.",
  ],
  [
    "units that cannot be halved",
    { architecture: { type: "seq2seq", units: 7 } },
    {},
    "A bidirectional encoder has half of the units in each direction, and 7 is odd.",
  ],
  [
    "another loss",
    { hyperparameters: { loss: "huber" } },
    {},
    "Each step of a sequence chooses one token out of many: huber does not measure that.",
  ],
])("a job is refused before it runs: %s", async (_name, job, dataset, detail) => {
  const request = { ...example, ...job, dataset: { ...(example["dataset"] as object), ...dataset } };
  const { status, body } = await server.api("POST", "/v1/jobs/validate", request);
  expect([status, body.errors.map((error: { detail: string }) => error.detail)]).toEqual([
    422,
    expect.arrayContaining([detail]),
  ]);
});
