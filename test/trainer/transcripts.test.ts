// Sounds into texts: from one POST to what the trained network hears, as the catalogue's example has it.
import { afterAll, beforeAll, expect, test } from "vitest";
import { architectureOf } from "../../src/architectures/catalogue.ts";
import type { Evaluation } from "../../src/contract/evaluation.ts";
import type { Job } from "../../src/contract/job.ts";
import type { ModelVersion, PredictResponse } from "../../src/contract/model.ts";
import { type RunningServer, startTemporaryServer } from "../server.ts";

const example = architectureOf("speech_ctc").example as {
  architecture: object;
  dataset: { rows: { frames: number[][]; word: string }[]; target_tokens: object };
  hyperparameters: object;
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

/** Frames of a word whose letters last as long as asked. */
function framesOf(letters: readonly (readonly [string, number])[]): number[][] {
  const frames = letters.flatMap(([letter, times]) => [
    ...Array.from({ length: times }, () => ["a", "b", "c"].map((one) => Number(one === letter))),
    [0, 0, 0],
  ]);
  return [...frames, ...Array.from({ length: 15 - frames.length }, () => [0, 0, 0])];
}

test("the example of the catalogue learns which letters it hears, and says how well", async () => {
  const job = await train(example);
  expect(job.error).toBeNull();
  expect(job.request).toMatchObject({
    dataset: { task: "sequence", target_tokens: { encoding: "character_ids", vocabulary_size: 200, max_length: 3 } },
    hyperparameters: { loss: "ctc", gradient_clip: { norm: 1 } },
  });
  expect(job.result!.metrics).toMatchObject({
    test_exact_match: 1,
    test_word_error_rate: 0,
    test_character_error_rate: 0,
  });
  expect(job.result!.metrics).not.toHaveProperty("test_token_accuracy");

  const path = "/v1/models/letters-of-frames/predict";
  const word = framesOf([
    ["c", 3],
    ["a", 2],
    ["b", 4],
  ]);
  for (const options of [{}, { beam_width: 8 }]) {
    const { status, body } = await server.api<PredictResponse>("POST", path, { instances: [[word]], ...options });
    expect([status, body.predictions]).toMatchObject([200, [{ text: "cab", score: expect.any(Number) }]]);
    expect(body.predictions[0].score).toBeGreaterThan(-1);
  }
  const refused = await server.api("POST", path, { instances: [[word]], length_penalty: 0.5 });
  expect([refused.status, refused.body.errors]).toMatchObject([422, [{ pointer: "#/length_penalty" }]]);

  const { body: version } = await server.api<ModelVersion>("GET", "/v1/models/letters-of-frames/versions/1");
  expect(version).toMatchObject({ task: "sequence", decoding: { beam_width: 1 } });
  const { body: evaluation } = await server.api<Evaluation>("GET", `${version.links.self}/evaluation`);
  expect(evaluation).toMatchObject({ task: "sequence", metrics: { exact_match: 1, word_error_rate: 0 } });
});

test("a text that is too long for its sound is named with its row", async () => {
  const rows = example.dataset.rows.map((row, at) => (at === 7 ? { ...row, word: "aaaaaaaaa" } : row));
  const job = await train({ ...example, dataset: { ...example.dataset, rows, target_tokens: { max_length: 9 } } });
  expect(job.error?.message).toBe(
    "The text of row 8 has 9 tokens, which need 17 steps: the network makes 15 of a sound.",
  );
});

test("a layer list hears and labels too, once it has an output for each token", async () => {
  const layers = [
    { type: "gru", units: 16, return_sequences: true },
    { type: "dense", units: 7 },
  ];
  const architecture = { type: "sequential", layers };
  const dataset = { ...example.dataset, task: "sequence", target_tokens: { encoding: "character_ids", max_length: 3 } };
  const job = await train({ ...example, name: "layers", architecture, dataset });
  expect([job.error, job.request.hyperparameters.loss]).toEqual([null, "ctc"]);
  expect(job.result!.metrics["test_character_error_rate"]).toBeLessThan(0.2);

  const few = { ...architecture, layers: [layers[0], { type: "dense", units: 5 }] };
  const failed = await train({ ...example, name: "few", architecture: few, dataset });
  expect(failed.error?.message).toMatch(/^The network has 5 outputs in each step, but the texts have 7 tokens/);
});

test.each<[string, object, string]>([
  [
    "another loss",
    { hyperparameters: { loss: "cross_entropy" } },
    "Nothing says in which step a token of the text is: cross_entropy does not measure that.",
  ],
  ["a length penalty", { model: { length_penalty: 1 } }, '"length_penalty" is for texts written token by token.'],
  [
    "its loss for classes",
    { architecture: { type: "mlp" }, dataset: { builtin: "iris" }, hyperparameters: { loss: "ctc" } },
    "The loss ctc is for texts whose tokens have no steps of their own, as speech_ctc hears them.",
  ],
  [
    "no frames",
    {
      dataset: {
        ...example.dataset,
        rows: [
          { x: 1, word: "a" },
          { x: 2, word: "b" },
        ],
      },
    },
    "speech_ctc reads sounds, [frames,bands], but a row of this data is [1].",
  ],
])("a job is refused before it runs: %s", async (_name, changed, detail) => {
  const { status, body } = await server.api("POST", "/v1/jobs/validate", { ...example, ...changed });
  expect([status, body.errors.map((error: { detail: string }) => error.detail)]).toEqual([422, [detail]]);
});
