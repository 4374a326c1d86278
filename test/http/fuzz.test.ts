// Any JSON, and valid bodies with anything in any place, into every POST: never a 5xx, always an answer or a whole problem.
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Dataset } from "../../src/contract/dataset.ts";
import type { Job } from "../../src/contract/job.ts";
import { validJob } from "./job-bodies.ts";
import {
  type Answer,
  type Application,
  expectProblem,
  type Service,
  startApplication,
  startTraining,
} from "./service.ts";

let service: Application;
let training: Service;
let datasetId: string;
beforeAll(async () => {
  [service, training] = await Promise.all([startApplication(), startTraining()]);
  const { rows } = validJob().dataset;
  datasetId = (await service.call<Dataset>("POST", "/v1/datasets", { json: { rows } })).body.id;
  const job = await training.call<Job>("POST", "/v1/jobs", { json: { ...validJob(), model: { name: "fuzzed" } } });
  const ended = await training.call<Job>("GET", `${job.body.links.self}?wait=60`);
  if (ended.body.status !== "succeeded") throw new Error(ended.text);
});
afterAll(async () => await Promise.all([service.stop(), training.stop()]));

/** An answer that is fine, or a problem that says where and what to do. */
function expectSound(answer: Answer): void {
  if (answer.status < 400) return;
  expect([answer.status < 500, answer.text]).toEqual([true, answer.text]);
  const problem = expectProblem(answer, answer.status);
  expect(problem.hint ?? problem.errors[0].hint).toMatch(/\w/);
  expect(answer.text).not.toMatch(/node_modules|\.ts:\d|SQLITE|at \w+ \(/);
}

const posts = [
  "/v1/jobs",
  "/v1/jobs/validate",
  "/v1/jobs/job_1/cancel",
  "/v1/jobs/job_1/pause",
  "/v1/jobs/job_1/resume",
  "/v1/models/fuzzed/predict",
  "/v1/models/fuzzed/versions/1/predict",
];

const anyText = fc.oneof(
  fc.json(),
  fc.anything({ withNullPrototype: true, withObjectString: true }).map((value) => {
    try {
      return JSON.stringify(value) ?? "";
    } catch {
      return "";
    }
  }),
  fc.string({ unit: "binary" }),
);
const anyType = fc.constantFrom(
  "application/json",
  "application/x-www-form-urlencoded",
  "text/plain",
  "application/xml",
);

test.each(posts)("anything into POST %s", async (path) => {
  await expect(
    fc.assert(
      fc.asyncProperty(anyText, anyType, async (body, type) => {
        expectSound(await training.call("POST", path, { body, headers: { "content-type": type } }));
      }),
      { numRuns: 80 },
    ),
  ).resolves.toBeUndefined();
});

const oddValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(
    null,
    true,
    0,
    -0,
    -1,
    0.5,
    1e308,
    5e-324,
    2 ** 53,
    "",
    "auto",
    "NaN",
    "__proto__",
    "y",
    "\u0000",
    "😀",
    [],
    {},
  ),
  fc.jsonValue({ maxDepth: 2 }),
);

/** All places of a value: paths to every member, at any depth. */
function placesOf(value: unknown, path: (string | number)[] = []): (string | number)[][] {
  if (typeof value !== "object" || value === null) return [path];
  const members = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return [path, ...members.flatMap(([key, member]) => placesOf(member, [...path, key]))];
}

/** `valid` with one to three places overwritten, removed or given one more member. */
function mutated(valid: () => object): fc.Arbitrary<unknown> {
  const change = fc.record({ place: fc.nat(), value: oddValue, how: fc.constantFrom("set", "set", "delete", "add") });
  return fc.array(change, { minLength: 1, maxLength: 3 }).map((changes) => {
    const body = { body: structuredClone(valid()) };
    for (const { place, value: shared, how } of changes) {
      const value = structuredClone(shared);
      const places = placesOf(body).slice(1);
      const path = places[place % places.length];
      const holder: any = path.slice(0, -1).reduce((part: any, key) => part[key], body);
      const key = path.at(-1)!;
      if (how === "delete" && path.length > 1) delete holder[key];
      else if (how === "add" && typeof holder[key] === "object" && holder[key] !== null)
        holder[key][`x${place}`] = value;
      else holder[key] = value;
    }
    return body.body;
  });
}

const onceUploaded = () => ({
  name: "fuzz",
  architecture: {
    type: "sequential",
    layers: [
      { type: "dense", units: 4, activation: "relu" },
      { type: "dropout", rate: 0.1 },
      { type: "dense", units: 1, activation: "sigmoid" },
    ],
  },
  dataset: {
    id: datasetId,
    target: "y",
    task: "auto",
    features: ["a", { name: "b", type: "number", scale: "standard", missing: "mean" }],
    split: { validation: 0.2, test: 0, stratify: true },
  },
  hyperparameters: {
    epochs: 2,
    batch_size: "auto",
    loss: "auto",
    optimizer: { type: "adam", learning_rate: 0.1 },
    schedule: { type: "cosine", warmup_epochs: 0 },
    gradient_clip: { norm: 1 },
    seed: 1,
  },
  model: { name: "fuzzed" },
});

test("the body that is mutated below is valid as it is", async () => {
  const answer = await service.call("POST", "/v1/jobs/validate", { json: onceUploaded() });
  expect(answer.body).toMatchObject({ object: "job_validation" });
});

test.each(["/v1/jobs", "/v1/jobs/validate"])("a valid job with anything in any place into POST %s", async (path) => {
  await expect(
    fc.assert(
      fc.asyncProperty(mutated(onceUploaded), async (json) => expectSound(await service.call("POST", path, { json }))),
      { numRuns: 300 },
    ),
  ).resolves.toBeUndefined();
});

test("valid instances with anything in any place into POST …/predict", async () => {
  const valid = () => ({ instances: [{ a: 0, b: 1 }, [1, 1]] });
  await expect(
    fc.assert(
      fc.asyncProperty(mutated(valid), async (json) =>
        expectSound(await training.call("POST", "/v1/models/fuzzed/predict", { json })),
      ),
      { numRuns: 300 },
    ),
  ).resolves.toBeUndefined();
});

test("rows with anything in any place into POST /v1/datasets, and inline into a job", async () => {
  const valid = () => ({ name: "fuzz", rows: validJob().dataset.rows, options: { columns: { a: "number" } } });
  // Each of these starts a process that reads the rows.
  await expect(
    fc.assert(
      fc.asyncProperty(mutated(valid), async (json) =>
        expectSound(await service.call("POST", "/v1/datasets", { json })),
      ),
      { numRuns: 4 },
    ),
  ).resolves.toBeUndefined();
  await expect(
    fc.assert(
      fc.asyncProperty(
        mutated(() => validJob().dataset),
        async (dataset) =>
          expectSound(await service.call("POST", "/v1/jobs/validate", { json: { ...validJob(), dataset } })),
      ),
      { numRuns: 6 },
    ),
  ).resolves.toBeUndefined();
});

test("any query and any path are answered", async () => {
  const part = fc.oneof(fc.string(), fc.constantFrom("..", "%2e%2e", "__proto__", "constructor", "a/b", "\u0000"));
  await expect(
    fc.assert(
      fc.asyncProperty(
        part,
        part,
        fc.constantFrom("jobs", "datasets", "models", "architectures"),
        async (id, value, list) => {
          expectSound(await service.call("GET", `/v1/${list}/${encodeURIComponent(id)}`));
          expectSound(await service.call("GET", `/v1/${list}?limit=${encodeURIComponent(value)}`));
          expectSound(await service.call("GET", `/v1/${list}?${encodeURIComponent(id)}=${encodeURIComponent(value)}`));
        },
      ),
      { numRuns: 80 },
    ),
  ).resolves.toBeUndefined();
});
