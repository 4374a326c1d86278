// The pace of bodies: one that dribbles is cut long before the limit of the whole request, one that keeps coming is not.
import { connect } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Application, startApplication } from "./service.ts";

let service: Application;
beforeAll(async () => {
  service = await startApplication({}, { bodyPace: { graceMs: 200, bytesPerSecond: 20_000, checkEveryMs: 50 } });
});
afterAll(async () => await service.stop());

/** Sends a CSV body of `length` bytes, `chunk` bytes every 10 ms; gives the answer. */
async function sendSlowly(length: number, chunk: number): Promise<string> {
  const socket = connect(Number(new URL(service.url).port), "127.0.0.1");
  let answer = "";
  socket.setEncoding("utf8").on("data", (text: string) => (answer += text));
  socket.on("error", () => {});
  const head = `POST /v1/datasets HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: text/csv\r\ncontent-length: ${length}\r\n\r\n`;
  socket.write(head);
  const body = "a,b\n" + "1,2\n3,4\n".repeat(length / 8);
  let sent = 0;
  const timer = setInterval(() => {
    if (sent >= length || !socket.writable) return;
    socket.write(body.slice(sent, Math.min(length, sent + chunk)));
    sent += chunk;
  }, 10);
  await new Promise((resolve) => socket.once("close", resolve));
  clearInterval(timer);
  return answer;
}

test("a body slower than the pace is cut with a problem that says so, and nothing of it stays", async () => {
  const answer = await sendSlowly(80_000, 8);
  expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  expect(answer).toContain('"code":"request_timeout"');
  expect(answer).toMatch(/\r\nx-request-id: req_/);
  await expect.poll(() => service.workFiles()).toEqual([]);
});

test("a body that takes longer than the grace but keeps the pace is taken", async () => {
  const answer = await sendSlowly(40_000, 800);
  expect(answer).toMatch(/^HTTP\/1\.1 201 /);
});
