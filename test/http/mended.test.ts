// Defects that were found once: each must not come back.
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { Job } from "../../src/contract/job.ts";
import { appendEpochs } from "../../src/store/metrics.ts";
import { epochRow } from "./epoch-rows.ts";
import { jobOn, validJob } from "./job-bodies.ts";
import { type Application, expectProblem, expectStatus, startApplication, uploadRows } from "./service.ts";

let service: Application;
let datasetId: string;
beforeAll(async () => {
  service = await startApplication();
  datasetId = await uploadRows(service, validJob().dataset.rows);
});
afterAll(async () => await service.stop());

const xorRows = [0, 1].flatMap((a) => [0, 1].map((b) => ({ a, b, y: a ^ b })));

describe("names", () => {
  test("a job named after a dataset of 128 characters can be shown, alone and in the list", async () => {
    const json = { name: "d".repeat(128), rows: validJob().dataset.rows };
    const { body: dataset } = await service.call<{ id: string }>("POST", "/v1/datasets", { json });
    const { name: _named, ...unnamed } = jobOn(dataset.id);
    expectStatus(await service.call("POST", "/v1/jobs", { json: unnamed }), 202);
    expectStatus(await service.call("GET", "/v1/jobs"), 200);
  });

  test("a list of models goes on after a name of 128 characters", async () => {
    expectStatus(await service.call("GET", `/v1/models?after=${"m".repeat(128)}`), 200);
  });

  test("a job that was accepted under an older contract can still be shown", async () => {
    const { body: job } = await service.call<Job>("POST", "/v1/jobs", { json: jobOn(datasetId) });
    const request = JSON.stringify({ ...job.request, hyperparameters: { a_field_of_old: 1 } });
    await service.store.updateTable("job").set({ request }).where("id", "=", job.id).execute();
    const shown = await service.call<Job>("GET", job.links.self);
    expect(shown.body.request.hyperparameters).toEqual({ a_field_of_old: 1 });
  });
});

describe("what has no effect is said", () => {
  test.each([
    { what: "batch_size", hyperparameters: { batch_size: 4 } },
    { what: "optimizer/momentum", hyperparameters: { optimizer: { type: "sgd", momentum: 0.9 } } },
    { what: "optimizer/weight_decay", hyperparameters: { optimizer: { type: "sgd", weight_decay: 0.1 } } },
    { what: "threads", hyperparameters: { threads: 64 } },
  ])("$what of a perceptron", async ({ what, hyperparameters }) => {
    const json = { architecture: { type: "perceptron" }, dataset: { rows: xorRows, target: "y" }, hyperparameters };
    const { body } = await service.call<Job>("POST", "/v1/jobs/validate", { json });
    expect(body.warnings.map(({ pointer }) => pointer)).toContain(`/hyperparameters/${what}`);
    const { batch_size, optimizer, threads } = body.request.hyperparameters;
    expect({ batch_size, threads, optimizer }).toMatchObject({
      batch_size: 1,
      threads: 1,
      optimizer: { type: "sgd", learning_rate: 1, momentum: 0, weight_decay: 0 },
    });
  });
});

describe("uploads in a broken form", () => {
  const part = '--x\r\ncontent-disposition: form-data; name="file"; filename="a.csv"\r\n\r\na,b\n1,2\n\r\n';
  test.each([
    { what: "no boundary", type: "multipart/form-data", body: `${part}--x--\r\n` },
    { what: "no end", type: "multipart/form-data; boundary=x", body: part },
    { what: "101 files", type: "multipart/form-data; boundary=x", body: `${part.repeat(101)}--x--\r\n` },
  ])("$what: refused as the client's fault, with a hint", async ({ type, body }) => {
    const answer = await service.call("POST", "/v1/datasets", { body, headers: { "content-type": type } });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(expectProblem(answer, answer.status).hint).toBeTruthy();
    expect(await service.workFiles()).toEqual([]);
  });

  test("the same bytes under another file name are another request to an Idempotency-Key", async () => {
    const send = async (filename: string) => {
      const body = new FormData();
      body.set("file", new Blob(["a,b\n1,2\n3,4\n"]), filename);
      return await service.call("POST", "/v1/datasets", { body, headers: { "idempotency-key": "same-bytes" } });
    };
    expectStatus(await send("one.csv"), 201);
    expectProblem(await send("two.csv"), 422);
  });
});

describe("long histories", () => {
  test("the loss curve and ?points= reach the last of 120,000 epochs, and keep a spike among them", async () => {
    const { body: job } = await service.call<Job>("POST", "/v1/jobs", { json: jobOn(datasetId) });
    const epochs = Array.from({ length: 120_000 }, (_, i) => epochRow(i + 1, i === 110_000 ? 50 : 1, 1));
    await service.store.transaction().execute((transaction) => appendEpochs(transaction, job.id, epochs, Date.now()));
    const { body } = await service.call<{ data: { epoch: number; train_loss: number }[] }>(
      "GET",
      `${job.links.metrics}?points=100`,
    );
    expect(body.data.at(-1)!.epoch).toBe(120_000);
    expect(body.data.find(({ train_loss }) => train_loss === 50)?.epoch).toBe(110_001);
    expect(body.data.length).toBeLessThanOrEqual(100);
    expect((await service.call("GET", job.links.loss_curve)).text).toContain(">120000<");
  });
});

test("a job and its inline rows are stored together: a job that cannot be stored leaves no dataset", async () => {
  const own = await startApplication();
  onTestFinished(() => own.stop());
  await own.store.schema.createIndex("one_job").unique().on("job").column("model_name").execute();
  expectStatus(await own.call("POST", "/v1/jobs", { json: validJob() }), 202);
  // The second job violates the index: its rows must go with it.
  expectStatus(await own.call("POST", "/v1/jobs", { json: validJob() }), 500);
  expect(await own.store.selectFrom("dataset").select("id").execute()).toHaveLength(1);
});
