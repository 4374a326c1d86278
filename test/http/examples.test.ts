// Every example that the documents show is sent, as it is, to a real server with a real trainer.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { architectureTypes } from "../../src/contract/architecture.ts";
import type { Dataset } from "../../src/contract/dataset.ts";
import type { Event } from "../../src/contract/event.ts";
import type { Job } from "../../src/contract/job.ts";
import type { PredictResponse } from "../../src/contract/model.ts";
import { datasetRequestBody, jobExamples, predictExamples } from "../../src/http/examples.ts";
import { openStream } from "./event-reader.ts";
import { type Service, startTraining, expectStatus } from "./service.ts";

let service: Service;
beforeAll(async () => {
  service = await startTraining();
});
afterAll(async () => await service.stop());

/** Submits a body and waits for its end. */
async function train(body: unknown): Promise<Job> {
  const submitted = await service.call<Job>("POST", "/v1/jobs", { json: body });
  expectStatus(submitted, 202);
  const ended = await service.call<Job>("GET", `${submitted.headers.get("location")}?wait=60`);
  return ended.body;
}

describe.each(Object.entries(jobExamples))("the job example %s", (_name, { value }) => {
  test("passes the dry run", async () => {
    const answer = await service.call("POST", "/v1/jobs/validate", { json: value });
    expect(answer.body).toMatchObject({ object: "job_validation" });
  });

  test("trains to its end", async () => {
    const job = await train(value);
    expect(job).toMatchObject({ status: "succeeded", error: null });
    expect(job.result?.version).toBe(1);
  });
});

test.each(Object.entries(predictExamples))("the prediction example %s is answered", async (_name, { value }) => {
  const { instances } = value as { instances: unknown[] };
  for (const path of ["/v1/models/xor/predict", "/v1/models/xor/versions/1/predict"]) {
    const answer = await service.call<PredictResponse>("POST", path, { json: value });
    expectStatus(answer, 200);
    expect(answer.body.predictions).toHaveLength(instances.length);
  }
});

test("the XOR example has learned XOR", async () => {
  const answer = await service.call<PredictResponse>("POST", "/v1/models/xor/predict", {
    json: predictExamples["xor"].value,
  });
  expect(answer.body.predictions.map(({ label }) => label)).toEqual([0, 1, 1, 0]);
});

interface CatalogueExample {
  dataset: Record<string, unknown>;
  hyperparameters?: object;
}

describe.each(architectureTypes)("the catalogue's example of %s", (type) => {
  test("trains to its end", async () => {
    const entry = await service.call<{ example: CatalogueExample; schema: object }>("GET", `/v1/architectures/${type}`);
    expect(entry.body.schema).toHaveProperty("properties");
    const job = await train(shortened(entry.body.example));
    expect(job).toMatchObject({ status: "succeeded", error: null });
    expect(job.request.architecture.type).toBe(type === "auto" ? "mlp" : type);
  });
});

/** A built-in dataset is large enough that a part of it and one epoch must do here. */
function shortened(example: CatalogueExample): CatalogueExample {
  if (example.dataset["builtin"] === undefined) return example;
  const split = { validation: 0.01, test: 0.89 };
  return { ...example, dataset: { ...example.dataset, split }, hyperparameters: { epochs: 1 } };
}

const datasetExamples = Object.entries(
  datasetRequestBody.content as Record<string, { examples?: Record<string, { value: unknown }> }>,
).flatMap(([type, { examples }]) => Object.values(examples ?? {}).map(({ value }) => ({ type, value })));

test.each(datasetExamples)("the dataset example of $type becomes a dataset without problems", async (example) => {
  const body = typeof example.value === "string" ? example.value : JSON.stringify(example.value);
  const message = { body, headers: { "content-type": example.type } };
  const answer = await service.call<Dataset>("POST", "/v1/datasets", message);
  expectStatus(answer, 201);
  expect(answer.body.problems).toEqual([]);
  expect(answer.body.rows).toBeGreaterThan(1);
});

test("there are dataset examples for JSON, CSV and NDJSON", () => {
  expect(datasetExamples.map(({ type }) => type)).toEqual(["application/json", "text/csv", "application/x-ndjson"]);
});

test("a job that was echoed can be sent again as it is", async () => {
  const { value } = jobExamples["xor"];
  const job = await train(value);
  const clone = await service.call("POST", "/v1/jobs/validate", { json: job.request });
  expect(clone.body).toMatchObject({ object: "job_validation" });
});

test("the live stream of a training is the stored list of its events, every epoch in it", async () => {
  const submitted = await service.call<Job>("POST", "/v1/jobs", { json: jobExamples["regression"].value });
  const { links, progress } = submitted.body;
  const stream = await openStream(service.url + links.events);
  const live = (await stream.rest()).filter(({ id }) => id !== undefined).map(({ data }) => data as Event);
  const stored = await service.call<{ data: Event[] }>("GET", `${links.events}?limit=1000`);
  expect(live).toEqual(stored.body.data);
  const epochs = live.filter(({ type }) => type === "metric").map(({ data }) => data["epoch"]);
  expect(epochs).toEqual(Array.from({ length: progress.epochs }, (_, i) => i + 1));
  expect(live.at(-1)).toMatchObject({ type: "done", data: { status: "succeeded" } });
});
