// Slow clients: who dribbles headers or a body is cut off, who listens to a stream is not. Times are small for the test.
import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Job } from "../../src/contract/job.ts";
import { eventually } from "../server.ts";
import { openStream } from "./event-reader.ts";
import { validJob } from "./job-bodies.ts";
import { type Application, startApplication } from "./service.ts";

const times = { headersTimeoutMs: 200, requestTimeoutMs: 400, checkEveryMs: 50, heartbeatMs: 100 };
let service: Application;
beforeAll(async () => {
  service = await startApplication({}, times);
});
afterAll(async () => await service.stop());

/** Sends `start` at once and then one byte of `rest` every 20 ms; gives what came back until the server closed. */
async function dribble(start: string, rest: string): Promise<{ answer: string; tookMs: number }> {
  const began = performance.now();
  const socket: Socket = connect(Number(new URL(service.url).port), "127.0.0.1");
  let answer = "";
  socket.setEncoding("utf8").on("data", (text: string) => (answer += text));
  socket.on("error", () => {});
  socket.write(start);
  let sent = 0;
  const timer = setInterval(() => socket.writable && socket.write(rest[sent++ % rest.length]), 20);
  await new Promise((resolve) => socket.once("close", resolve));
  clearInterval(timer);
  return { answer, tookMs: performance.now() - began };
}

test("headers that trickle in are cut off with 408", async () => {
  const { answer, tookMs } = await dribble("GET /livez HTTP/1.1\r\nhost: x\r\nx-slow: ", "a");
  expect(answer).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
  expect(answer).toContain("The request did not arrive in time.");
  expect(answer).toMatch(/\r\nx-request-id: req_[0-9a-f-]+\r\n/);
  expect(answer).toContain('"code":"request_timeout"');
  expect(tookMs).toBeLessThan(10 * times.headersTimeoutMs);
});

test.each([
  { path: "/v1/jobs", type: "application/json" },
  { path: "/v1/datasets", type: "text/csv" },
])("a body for $path that trickles in is cut off, and nothing of it stays", async ({ path, type }) => {
  const head = `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: ${type}\r\ncontent-length: 100000\r\n\r\n`;
  const { answer, tookMs } = await dribble(head, "1,2\n");
  expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  expect(tookMs).toBeLessThan(10 * times.requestTimeoutMs);
  await eventually("nothing is left", async () => (await service.workFiles()).length === 0);
});

test("an event stream lives longer than any request may take to arrive", async () => {
  const job = (await service.call<Job>("POST", "/v1/jobs", { json: validJob() })).body;
  const stream = await openStream(service.url + job.links.events);
  for (let beats = 0; beats * times.heartbeatMs < 2 * times.requestTimeoutMs;) {
    const message = await stream.next();
    expect(message).toBeDefined();
    if (message?.comment === "heartbeat") beats++;
  }
  await service.call("POST", `${job.links.self}/cancel`);
  const rest = await stream.rest();
  expect(rest.at(-1)?.event).toBe("done");
});
