// Servers that are killed or stopped: nothing that was acknowledged or shown is lost, and training ends with the same bits.
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { Event } from "../../src/contract/event.ts";
import { openDatabase } from "../../src/store/database.ts";
import { type RecordedEvent, recordEvents } from "../event-recorder.ts";
import { epochsOf, getJob, jobPausedOnce, outcomeOf, submitLong, waitForEnd, waitForEpoch } from "../long-job.ts";
import { eventually, isAlive, ServerProcess } from "../server.ts";

const epochs = 400;
let undisturbed: unknown;
/** Killed and started again by every test. */
let server: ServerProcess;

beforeAll(async () => {
  server = await new ServerProcess().start();
  undisturbed = await outcomeOf(server, await waitForEnd(server, (await submitLong(server, epochs)).id));
});
afterAll(async () => await server.end());

const eventsOf = async (id: string) =>
  (await server.api<{ data: Event[] }>("GET", `/v1/jobs/${id}/events?limit=1000`)).body.data;

async function outcomeAtEnd(id: string): Promise<unknown> {
  const ended = await waitForEnd(server, id);
  if (ended.status !== "succeeded") throw new Error(`${id} ended ${ended.status}: ${ended.error?.message}`);
  return await outcomeOf(server, ended);
}

describe("when the server is killed", () => {
  test("its trainer ends by itself, and after a restart everything that was shown is there and goes on", async () => {
    const trainer = await server.trainerPid();
    const { id } = await jobPausedOnce(server, epochs);
    const waiting = await submitLong(server, 3, "waiting");
    const shown: RecordedEvent[] = [];
    const recording = recordEvents(server.url, id, shown);
    await eventually("some epochs were streamed", async () => shown.length > 30);
    const listed = await epochsOf(server, id);
    await server.kill("SIGKILL");
    await recording;
    await eventually("the orphan ends", async () => !isAlive(trainer));

    await server.start();
    expect((await getJob(server, waiting.id)).id).toBe(waiting.id);
    expect(await outcomeAtEnd(id)).toEqual(undisturbed);
    expect((await epochsOf(server, id)).slice(0, listed.length)).toEqual(listed);
    const events = (await eventsOf(id)).slice(0, shown.length);
    expect(events).toEqual(shown.map(({ data }) => JSON.parse(data) as Event));
    expect((await waitForEnd(server, waiting.id)).status).toBe("succeeded");
  });

  test("and started again at once, the old trainer's late writes change nothing", async () => {
    await server.trainerPid();
    const { id } = await jobPausedOnce(server, epochs);
    await server.kill("SIGKILL");
    await server.start();
    expect(await outcomeAtEnd(id)).toEqual(undisturbed);
  });
});

describe("when the server is stopped in order", () => {
  test("it ends with 0 in time, the job waits with a checkpoint, and a damaged checkpoint is passed over", async () => {
    const { id } = await jobPausedOnce(server, epochs);
    const stoppedAt = performance.now();
    expect(await server.kill("SIGTERM")).toEqual({ code: 0, signal: null });
    expect(performance.now() - stoppedAt).toBeLessThan(20_000);

    const damaged = await damageNewestCheckpoint(id);
    await server.start();
    expect(await outcomeAtEnd(id)).toEqual(undisturbed);
    const warnings = (await eventsOf(id)).filter(({ type }) => type === "log");
    expect(warnings.at(-1)?.data).toMatchObject({ level: "warn" });
    expect(warnings.at(-1)?.data["message"]).toContain(`${damaged} is damaged`);
  });

  test("open event streams and long polls end, and the stop does not wait for them", async () => {
    const { id } = await submitLong(server, 100_000, "endless");
    onTestFinished(async () => void (await server.api("POST", `/v1/jobs/${id}/cancel`)));
    const shown: RecordedEvent[] = [];
    const recording = recordEvents(server.url, id, shown);
    const poll = server.api("GET", `/v1/jobs/${id}?wait=60`);
    await eventually("the stream is open", async () => shown.length > 5);
    const stoppedAt = performance.now();
    expect((await server.kill("SIGTERM")).code).toBe(0);
    expect(performance.now() - stoppedAt).toBeLessThan(20_000);
    await recording;
    expect((await poll).status).toBe(200);
    await server.start();
  });

  test("an upload that has stalled does not keep it from ending in time", async () => {
    const { hostname, port } = new URL(server.url);
    const stalled = connect(Number(port), hostname);
    onTestFinished(() => void stalled.destroy());
    stalled.on("error", () => {});
    stalled.write("POST /v1/datasets?name=stalled HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\n");
    stalled.write("Content-Length: 1000\r\n\r\na,b\n");
    const stoppedAt = performance.now();
    await server.api("GET", "/livez");
    expect((await server.kill("SIGTERM")).code).toBe(0);
    expect(performance.now() - stoppedAt).toBeLessThan(20_000);
    await server.start();
  });
});

describe("a cancel that was answered", () => {
  test.each(["SIGTERM", "SIGKILL"] as const)("is not forgotten when %s ends the server at once", async (signal) => {
    const { id } = await submitLong(server, 100_000, "cancelled");
    await waitForEpoch(server, id, 2);
    expect((await server.api("POST", `/v1/jobs/${id}/cancel`)).status).toBe(200);
    await server.kill(signal);
    await server.start();
    expect((await waitForEnd(server, id)).status).toBe("cancelled");
  });
});

/** Changes one byte of it, as a bad disk would; the server must not run. @returns its id */
async function damageNewestCheckpoint(jobId: string): Promise<string> {
  const store = openDatabase(server.database);
  onTestFinished(async () => await store.destroy());
  const job = await store.selectFrom("job").select("status").where("id", "=", jobId).executeTakeFirstOrThrow();
  expect(job.status).toBe("queued");
  const checkpoints = await store
    .selectFrom("checkpoint")
    .selectAll()
    .where("job_id", "=", jobId)
    .orderBy("id", "desc")
    .execute();
  const [newest, older] = checkpoints;
  expect(newest.step).toBeGreaterThan(older.step);
  const chunk = store.selectFrom("blob_chunk").select("bytes").where("hash", "=", newest.blob);
  const { bytes } = await chunk.executeTakeFirstOrThrow();
  const damaged = Uint8Array.from(bytes, (byte, index) => (index === 1000 ? byte ^ 1 : byte));
  await store.updateTable("blob_chunk").set({ bytes: damaged }).where("hash", "=", newest.blob).execute();
  return newest.id;
}
