// One server per database file.
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { ServerProcess } from "../server.ts";

let holder: ServerProcess;
/** Of a start on a new file: the others are measured against it, whatever the machine is busy with. */
let startMs: number;
beforeAll(async () => {
  const startedAt = performance.now();
  holder = await new ServerProcess({ trainers: 0 }).start();
  startMs = performance.now() - startedAt;
});
afterAll(async () => await holder.end());

function contender(): ServerProcess {
  const server = new ServerProcess({ database: holder.database, trainers: 0 });
  onTestFinished(async () => await server.end());
  return server;
}

describe("a second server on the same file", () => {
  test("ends with 1 as fast as it would start, naming the process and the address of the holder and what to do", async () => {
    const startedAt = performance.now();
    const failure: unknown = await contender()
      .start()
      .catch((error: unknown) => error);
    expect(performance.now() - startedAt).toBeLessThan(2 * startMs + 500);
    const text = String(failure);
    expect(text).toContain("ended with 1");
    expect(text).toContain(`process ${holder.pid}`);
    expect(text).toContain(holder.url);
    expect(text).toContain("DELTARULE_DATABASE");
    expect((await holder.api("GET", "/livez")).status).toBe(200);
  });

  test("starts at once after the holder was killed", async () => {
    await holder.kill("SIGKILL");
    const startedAt = performance.now();
    const next = await contender().start();
    expect(performance.now() - startedAt).toBeLessThan(2 * startMs + 500);
    expect((await next.api("GET", "/readyz")).status).toBe(200);
  });
});
