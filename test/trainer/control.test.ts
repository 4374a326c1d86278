// Cancel, pause and resume of real jobs, and training that cannot succeed.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Event } from "../../src/contract/event.ts";
import {
  datasetOf,
  epochsOf,
  getJob,
  jobPausedOnce,
  outcomeOf,
  submit,
  submitLong,
  waitForEnd,
  waitForEpoch,
} from "../long-job.ts";
import { openDatabase } from "../../src/store/database.ts";
import { eventually, type RunningServer, startTemporaryServer } from "../server.ts";

let server: RunningServer;
beforeAll(async () => (server = await startTemporaryServer({ kernels: "reference" })));
afterAll(async () => await server.stop());

const control = async (id: string, action: string) => await server.api("POST", `/v1/jobs/${id}/${action}`);
const endless = (model: string) => submitLong(server, 100_000, model);

describe("cancel", () => {
  test("stops a running job within a second, and nothing is shown of it any more", async () => {
    const { id } = await endless("cancelled");
    await waitForEpoch(server, id, 5);
    const asked = performance.now();
    expect((await control(id, "cancel")).status).toBe(200);
    const ended = await waitForEnd(server, id);
    expect(performance.now() - asked).toBeLessThan(1_000);
    expect(ended).toMatchObject({ status: "cancelled", phase: "finished", result: null });
    const shown = await epochsOf(server, id);
    const { data } = (await server.api<{ data: Event[] }>("GET", `/v1/jobs/${id}/events?limit=1000`)).body;
    expect(data.slice(-2).map((event) => [event.type, event.data["status"]])).toEqual([
      ["status", "cancelled"],
      ["done", "cancelled"],
    ]);
    await submitAndWaitForAnother();
    expect(await epochsOf(server, id)).toEqual(shown);
    expect((await server.api("GET", "/v1/models/cancelled")).status).toBe(404);
  });

  test("is as fast while a checkpoint of ten million parameters is being stored, which is not stored to its end", async () => {
    const { id } = await submit(server, {
      architecture: { type: "mlp", hidden: [3200, 3200] },
      dataset: { id: await datasetOf(server), target: "label" },
      hyperparameters: { epochs: 1000, batch_size: 1 },
      model: { name: "large" },
    });
    await eventually("it trains", async () => (await getJob(server, id)).progress.step > 0);
    await control(id, "pause");
    const store = openDatabase(server.config.database);
    const partOf = store.selectFrom("blob").select("hash").where("complete", "=", 0);
    await eventually("its checkpoint is being stored", async () => await partOf.executeTakeFirst());
    await store.destroy();
    const asked = performance.now();
    await control(id, "cancel");
    expect((await waitForEnd(server, id)).status).toBe("cancelled");
    expect(performance.now() - asked).toBeLessThan(1_000);
    const { data } = (await server.api<{ data: Event[] }>("GET", `/v1/jobs/${id}/events`)).body;
    expect(data.filter(({ type }) => type === "checkpoint")).toEqual([]);
  });

  test("of a queued job is immediate; asked again it is no error, and a finished job refuses it", async () => {
    const running = [await endless("a"), await endless("b")];
    const queued = await endless("c");
    expect((await control(queued.id, "cancel")).body.status).toBe("cancelled");
    expect((await control(queued.id, "cancel")).status).toBe(200);
    for (const { id } of running) await control(id, "cancel");
    for (const { id } of running) expect((await waitForEnd(server, id)).status).toBe("cancelled");
    const done = await submitAndWaitForAnother();
    expect(await control(done, "cancel")).toMatchObject({ status: 409, body: { code: "conflict" } });
    for (const action of ["pause", "resume"]) expect((await control(queued.id, action)).status).toBe(409);
  });

  test("at any moment of a job's life ends it once, as cancelled or as finished before", async () => {
    for (let delay = 0; delay < 5; delay++) {
      const { id } = await submitLong(server, 2, `race-${delay}`);
      // Not a wait for something: the moments of the cancel shall differ.
      for (let polls = 0; polls < 4 * delay; polls++) await getJob(server, id);
      const answer = await control(id, "cancel");
      const { status } = await waitForEnd(server, id);
      expect(["200 cancelled", "200 succeeded", "409 succeeded"]).toContain(`${answer.status} ${status}`);
      const published = (await server.api("GET", `/v1/models/race-${delay}`)).status === 200;
      expect(published).toBe(status === "succeeded");
      const { data } = (await server.api<{ data: Event[] }>("GET", `/v1/jobs/${id}/events`)).body;
      expect(data.filter((event) => event.type === "done")).toHaveLength(1);
    }
  });
});

describe("pause", () => {
  test("keeps the job where it is, and after a resume it ends with the bits of a job never paused", async () => {
    const whole = await submitLong(server, 120, "whole");
    const { id } = await jobPausedOnce(server, 120);
    const [first, second] = [await waitForEnd(server, whole.id), await waitForEnd(server, id)];
    expect(second.status).toBe("succeeded");
    expect(await outcomeOf(server, second)).toEqual(await outcomeOf(server, first));
  });

  test("of a queued job lets the others pass, and a paused job can be cancelled", async () => {
    const running = [await endless("d"), await endless("e")];
    const { id } = await submitLong(server, 1);
    expect((await control(id, "pause")).body.status).toBe("paused");
    for (const job of running) await control(job.id, "cancel");
    await submitAndWaitForAnother();
    expect((await getJob(server, id)).status).toBe("paused");
    expect((await control(id, "cancel")).body.status).toBe("cancelled");
  });

  test("is taken back by a resume that comes before it was carried out", async () => {
    const { id } = await submitLong(server, 60, "changed-mind");
    await waitForEpoch(server, id, 3);
    await control(id, "pause");
    await control(id, "resume");
    expect((await waitForEnd(server, id)).status).toBe("succeeded");
  });
});

describe("a job that diverges", () => {
  test("fails with its epoch and a hint; its history stays, and nothing is published", async () => {
    const rows = Array.from({ length: 40 }, (_, i) => ({ x: i * 1e12, y: i * 3e12 }));
    const { id } = await submit(server, {
      architecture: { type: "mlp", hidden: [4] },
      dataset: { rows, target: "y", features: [{ name: "x", scale: "none" }] },
      hyperparameters: { epochs: 20, optimizer: { type: "sgd", learning_rate: 1000 } },
      model: { name: "diverging" },
    });
    const ended = await waitForEnd(server, id);
    expect(ended).toMatchObject({ status: "failed", result: null, error: { code: "diverged" } });
    expect(ended.error?.hint).toMatch(/learning_rate of 100 instead of 1000/);
    const epochs = await epochsOf(server, id);
    expect(epochs.length).toBe(ended.error?.epoch);
    expect(epochs.at(-1)?.nonfinite).toMatch(/nan|inf/);
    expect([epochs.at(-1)?.train_loss, epochs.at(-1)?.validation_loss]).toContain(null);
    expect((await server.api("GET", "/v1/models/diverging")).status).toBe(404);
  });
});

/** Something that happens later: once it is over, what could still have come before it has come. */
async function submitAndWaitForAnother(): Promise<string> {
  const { id } = await submitLong(server, 1, "another");
  await eventually("another job ends", async () => (await getJob(server, id)).terminal);
  return id;
}
