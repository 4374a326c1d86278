// Idempotency-Key: however often a creating request is sent, there is one resource and one answer.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Dataset } from "../../src/contract/dataset.ts";
import type { Job } from "../../src/contract/job.ts";
import { jobWith, validJob } from "./job-bodies.ts";
import {
  type Answer,
  type Application,
  expectProblem,
  type Message,
  startApplication,
  expectStatus,
} from "./service.ts";

let service: Application;
beforeAll(async () => {
  service = await startApplication();
});
afterAll(async () => await service.stop());

function withKey(key: string, message: Message = { json: validJob() }): Message {
  return { ...message, headers: { ...message.headers, "idempotency-key": key } };
}

/** Whatever of an answer must be the same when it is replayed. */
const answerOf = ({ status, headers, body }: Answer) => ({ status, location: headers.get("location"), body });

function expectReplay(again: Answer, first: Answer): void {
  expect(answerOf(again)).toEqual(answerOf(first));
  expect(first.headers.get("idempotent-replayed")).toBeNull();
  expect(again.headers.get("idempotent-replayed")).toBe("true");
}

describe("for jobs", () => {
  test("the same key and body get the first answer again, also when the job has changed since", async () => {
    const first = await service.call<Job>("POST", "/v1/jobs", withKey('"same"'));
    expect(first.status).toBe(202);
    await service.call("POST", `${first.body.links.self}/cancel`);
    expectReplay(await service.call("POST", "/v1/jobs", withKey('"same"')), first);
  });

  test("a key in quotes and the same key without are one key", async () => {
    const first = await service.call("POST", "/v1/jobs", withKey("plain"));
    expect(first.status).toBe(202);
    expectReplay(await service.call("POST", "/v1/jobs", withKey('"plain"')), first);
  });

  test("the order of spaces in the JSON text makes no other body", async () => {
    const first = await service.call("POST", "/v1/jobs", withKey("spaces"));
    expect(first.status).toBe(202);
    const spaced = { body: JSON.stringify(validJob(), null, 2), headers: { "content-type": "application/json" } };
    expectReplay(await service.call("POST", "/v1/jobs", withKey("spaces", spaced)), first);
  });

  test("another body under the same key is refused with 422", async () => {
    await service.call("POST", "/v1/jobs", withKey("changed"));
    const other = { json: jobWith((job) => (job.hyperparameters.epochs = 3)) };
    const problem = expectProblem(await service.call("POST", "/v1/jobs", withKey("changed", other)), 422);
    expect(problem).toMatchObject({ code: "idempotency_key_reused", hint: "Use a new key for a new request." });
  });

  test("a refused request does not use its key up", async () => {
    const wrong = { json: jobWith((job) => (job.dataset.target = "label")) };
    expectProblem(await service.call("POST", "/v1/jobs", withKey("mended", wrong)), 422);
    expect((await service.call("POST", "/v1/jobs", withKey("mended"))).status).toBe(202);
  });

  test("the same key on another call is another key", async () => {
    expect((await service.call("POST", "/v1/jobs", withKey("shared"))).status).toBe(202);
    const rows = { json: { rows: [{ a: 1 }, { a: 2 }] } };
    expect((await service.call("POST", "/v1/datasets", withKey("shared", rows))).status).toBe(201);
  });

  test("100 requests at once with one key make one job; who comes too early is told 409", async () => {
    const before = (await service.call<{ data: Job[] }>("GET", "/v1/jobs?limit=100")).body.data.length;
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => service.call<Job>("POST", "/v1/jobs", withKey("crowd"))),
    );
    const accepted = answers.filter(({ status }) => status === 202);
    const early = answers.filter(({ status }) => status === 409);
    expect(accepted.length + early.length).toBe(100);
    expect(new Set(accepted.map(({ body }) => body.id)).size).toBe(1);
    expect(accepted.filter(({ headers }) => headers.get("idempotent-replayed") === null)).toHaveLength(1);
    for (const answer of early) expect(expectProblem(answer, 409).code).toBe("idempotency_key_in_use");
    expect(early.length).toBeGreaterThan(0);
    const after = (await service.call<{ data: Job[] }>("GET", "/v1/jobs?limit=100")).body.data.length;
    expect(after).toBe(before + 1);
  });
});

describe("for datasets", () => {
  const csv = (text: string): Message => ({ body: text, headers: { "content-type": "text/csv" } });
  function form(text: string, name = "points"): Message {
    const body = new FormData();
    body.set("name", name);
    body.set("file", new Blob([text]), "points.csv");
    return { body };
  }

  test.each([
    { kind: "raw", message: csv, other: csv("x,y\n1,3\n") },
    { kind: "multipart", message: form, other: form("x,y\n1,2\n", "another name") },
  ])("a $kind upload is replayed, another one under its key refused", async ({ kind, message, other }) => {
    const first = await service.call<Dataset>("POST", "/v1/datasets", withKey(kind, message("x,y\n1,2\n")));
    expectStatus(first, 201);
    expectReplay(await service.call("POST", "/v1/datasets", withKey(kind, message("x,y\n1,2\n"))), first);
    const problem = expectProblem(await service.call("POST", "/v1/datasets", withKey(kind, other)), 422);
    expect(problem.code).toBe("idempotency_key_reused");
    expect(await service.workFiles()).toEqual([]);
  });
});

test("a key survives a restart of the server", async () => {
  const folder = await mkdtemp(join(tmpdir(), "deltarule-http-"));
  const environment = { DELTARULE_DATABASE: join(folder, "kept.db") };
  const before = await startApplication(environment);
  const first = await before.call("POST", "/v1/jobs", withKey("kept"));
  await before.stop();
  const after = await startApplication(environment);
  expectReplay(await after.call("POST", "/v1/jobs", withKey("kept")), first);
  expect((await after.call<{ data: Job[] }>("GET", "/v1/jobs")).body.data).toHaveLength(1);
  await after.stop();
  await rm(folder, { recursive: true, force: true });
});
