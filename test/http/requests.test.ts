// The easy ways to call: curl without headers, calls without a body, request ids, HEAD and OPTIONS.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Job } from "../../src/contract/job.ts";
import { type JobBody, jobOn, validJob } from "./job-bodies.ts";
import { type Application, expectProblem, startApplication, uploadRows } from "./service.ts";

let service: Application;
let jobId: string;
let job: JobBody;
beforeAll(async () => {
  service = await startApplication();
  job = jobOn(await uploadRows(service, validJob().dataset.rows));
  jobId = (await service.call<Job>("POST", "/v1/jobs", { json: job })).body.id;
});
afterAll(async () => await service.stop());

const contentTypes = [
  { name: "what curl -d says", type: "application/x-www-form-urlencoded" },
  { name: "text/plain", type: "text/plain;charset=UTF-8" },
  { name: "a charset", type: "application/json; charset=utf-8" },
  { name: "no content type at all", type: undefined },
];

test.each(contentTypes)("a JSON body with $name is read as JSON", async ({ type }) => {
  // A Blob without type is sent without content-type.
  const message = {
    body: new Blob([JSON.stringify(job)]),
    headers: type === undefined ? {} : { "content-type": type },
  };
  const answer = await service.call("POST", "/v1/jobs/validate", message);
  expect(answer.body).toMatchObject({ object: "job_validation" });
});

test("a created job answers 202 and says where it is", async () => {
  const answer = await service.call<Job>("POST", "/v1/jobs", { json: job });
  expect(answer.status).toBe(202);
  expect(answer.headers.get("location")).toBe(`/v1/jobs/${answer.body.id}`);
  expect((await service.call<Job>("GET", answer.headers.get("location")!)).body.id).toBe(answer.body.id);
});

test.each([{}, { headers: { "content-type": "application/json" } }, { json: {} }])(
  "pausing, resuming and cancelling need no body: %j",
  async (message) => {
    const { id } = (await service.call<Job>("POST", "/v1/jobs", { json: job })).body;
    for (const [action, status] of [
      ["pause", "paused"],
      ["resume", "queued"],
      ["cancel", "cancelled"],
    ]) {
      const answer = await service.call<Job>("POST", `/v1/jobs/${id}/${action}`, message);
      expect([answer.status, answer.body.status]).toEqual([200, status]);
    }
    const again = await service.call<Job>("POST", `/v1/jobs/${id}/cancel`, message);
    expect([again.status, again.body.status]).toEqual([200, "cancelled"]);
    expect(expectProblem(await service.call("POST", `/v1/jobs/${id}/resume`, message), 409).code).toBe("conflict");
  },
);

test("a trailing slash makes no difference", async () => {
  expect((await service.call("GET", "/v1/jobs/")).status).toBe(200);
  expect((await service.call<Job>("GET", `/v1/jobs/${jobId}/`)).body.id).toBe(jobId);
});

describe("x-request-id", () => {
  test("is the caller's own when it is short and plain", async () => {
    const answer = await service.call("GET", "/livez", { headers: { "x-request-id": "order-17.b_2" } });
    expect(answer.headers.get("x-request-id")).toBe("order-17.b_2");
  });

  test("is made, and another each time, when there is none", async () => {
    const ids = await Promise.all(
      [1, 2, 3].map(async () => (await service.call("GET", "/livez")).headers.get("x-request-id")),
    );
    for (const id of ids) expect(id).toMatch(/^req_[0-9a-f-]{36}$/);
    expect(new Set(ids).size).toBe(3);
  });

  test.each(["", "with space", "a\tb", "x".repeat(65), "<script>", '{"level":60}'])(
    "is made when %j is given",
    async (id) => {
      const answer = await service.call("GET", "/livez", { headers: { "x-request-id": id } });
      expect(answer.headers.get("x-request-id")).toMatch(/^req_/);
    },
  );

  test("stands in the problem too", async () => {
    const answer = await service.call("GET", "/v1/jobs/job_1", { headers: { "x-request-id": "mine" } });
    expect(expectProblem(answer, 404).request_id).toBe("mine");
  });
});

const pages = ["/", "/livez", "/readyz", "/openapi.json", "/docs", "/problems", "/problems/not_found"];
const resources = ["", "/metrics", "/metrics?format=csv", "/loss.svg", "/events", "/checkpoints"];

test("HEAD is answered like GET, without a body", async () => {
  for (const path of [...pages, "/v1/jobs", ...resources.map((part) => `/v1/jobs/${jobId}${part}`)]) {
    const [get, head] = [await service.call("GET", path), await service.call("HEAD", path)];
    expect([path, head.status, head.text]).toEqual([path, get.status, ""]);
    expect([path, head.headers.get("content-type")]).toEqual([path, get.headers.get("content-type")]);
  }
});

test("HEAD of an event stream ends at once", async () => {
  const headers = { accept: "text/event-stream" };
  const answer = await service.call("HEAD", `/v1/jobs/${jobId}/events`, { headers });
  expect(answer.status).toBe(200);
  expect(answer.text).toBe("");
});

test("OPTIONS is refused with the methods there are", async () => {
  const answer = await service.call("OPTIONS", "/v1/jobs");
  expectProblem(answer, 405);
  expect(answer.headers.get("allow")).toBe("POST, GET");
});

test("every error code of the type URIs has its page", async () => {
  const titles = (await service.call<Record<string, string>>("GET", "/problems")).body;
  for (const [code, title] of Object.entries(titles)) {
    expect((await service.call("GET", `/problems/${code}`)).body).toEqual({ code, title });
  }
  expectProblem(await service.call("GET", "/problems/nothing"), 404);
});

test("a list goes on after the last item of the page before", async () => {
  const all = (await service.call<{ data: Job[] }>("GET", "/v1/jobs?limit=100")).body.data.map(({ id }) => id);
  const paged: string[] = [];
  for (let more = true, after = ""; more; after = `&after=${paged.at(-1)}`) {
    const page = (await service.call<{ data: Job[]; has_more: boolean }>("GET", `/v1/jobs?limit=2${after}`)).body;
    paged.push(...page.data.map(({ id }) => id));
    more = page.has_more;
  }
  expect(paged).toEqual(all);
  expect(all.length).toBeGreaterThan(2);
});
