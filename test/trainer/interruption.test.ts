// Training that is interrupted in every way and must end with the same bits as training that was not.
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { openDatabase } from "../../src/store/database.ts";
import type { Event } from "../../src/contract/event.ts";
import type { Job } from "../../src/contract/job.ts";
import { type RecordedEvent, recordEvents } from "../event-recorder.ts";
import { epochsOf, longJob, outcomeOf, submit, waitForCheckpoints, waitForEnd } from "../long-job.ts";
import { eventually, isAlive, ServerProcess } from "../server.ts";

const body = longJob(450);
let undisturbed: Awaited<ReturnType<typeof outcomeOf>>;
/** Shared by the tests that do not stop it. */
let shared: ServerProcess;

beforeAll(async () => {
  shared = await new ServerProcess().start();
  undisturbed = await outcomeOf(shared, await waitForEnd(shared, (await submit(shared, body)).id));
});
afterAll(async () => await shared.end());

async function ownServer(): Promise<ServerProcess> {
  const server = new ServerProcess();
  onTestFinished(async () => await server.end());
  return await server.start();
}

/** A job that runs and has stored a checkpoint. */
async function startedJob(server: ServerProcess): Promise<Job> {
  const job = await submit(server, body);
  await waitForCheckpoints(server, job.id, 1);
  return job;
}

const jobOf = async (server: ServerProcess, id: string) => (await server.api<Job>("GET", `/v1/jobs/${id}`)).body;

async function expectUndisturbed(server: ServerProcess, id: string): Promise<Job> {
  const ended = await waitForEnd(server, id);
  expect(ended).toMatchObject({ status: "succeeded", error: null });
  expect(await outcomeOf(server, ended)).toEqual(undisturbed);
  return ended;
}

describe("when the trainer is killed", () => {
  test("the server lives, and a new trainer goes on from the checkpoint", async () => {
    const server = shared;
    const killed = await server.trainerPid();
    const { id } = await startedJob(server);
    const shown = await epochsOf(server, id);
    process.kill(killed, "SIGKILL");
    const ended = await expectUndisturbed(server, id);
    expect(ended.attempts).toBe(2);
    expect(await server.trainerPid(killed)).not.toBe(killed);
    expect((await epochsOf(server, id)).slice(0, shown.length)).toEqual(shown);
  });

  test("politely, it gives its job back, and that counts as no attempt", async () => {
    const server = shared;
    const stopped = await server.trainerPid();
    const { id } = await startedJob(server);
    process.kill(stopped, "SIGTERM");
    expect(await expectUndisturbed(server, id)).toMatchObject({ attempts: 1 });
    expect(isAlive(stopped)).toBe(false);
  });
});

describe("when the server is killed", () => {
  test("its trainer ends by itself, and after a restart everything that was shown is there and goes on", async () => {
    const server = await ownServer();
    const trainer = await server.trainerPid();
    const { id } = await startedJob(server);
    const waiting = await submit(server, longJob(3, { model: "waiting" }));
    const shown: RecordedEvent[] = [];
    const recording = recordEvents(server.url, id, shown);
    await eventually("some epochs were streamed", async () => shown.length > 20);
    const listed = await epochsOf(server, id);
    await server.kill("SIGKILL");
    await recording;
    await eventually("the orphan ends", async () => !isAlive(trainer), 5_000);

    await server.start();
    expect((await jobOf(server, waiting.id)).id).toBe(waiting.id);
    await expectUndisturbed(server, id);
    expect((await epochsOf(server, id)).slice(0, listed.length)).toEqual(listed);
    const { data } = (await server.api<{ data: Event[] }>("GET", `/v1/jobs/${id}/events?limit=1000`)).body;
    expect(data.slice(0, shown.length).map((event) => ({ id: event.id, data: event }))).toEqual(
      shown.map((event) => ({ id: event.id, data: JSON.parse(event.data) as unknown })),
    );
    expect((await waitForEnd(server, waiting.id)).status).toBe("succeeded");
  });

  test("and started again at once, the old trainer's late writes change nothing", async () => {
    const server = await ownServer();
    await server.trainerPid();
    const { id } = await startedJob(server);
    await server.kill("SIGKILL");
    await server.start();
    await expectUndisturbed(server, id);
  });
});

describe("when the server is stopped in order", () => {
  test("it ends with 0 in time, the job waits with a checkpoint, and a damaged checkpoint is passed over", async () => {
    const server = await ownServer();
    const { id } = await startedJob(server);
    const stoppedAt = performance.now();
    expect(await server.kill("SIGTERM")).toEqual({ code: 0, signal: null });
    expect(performance.now() - stoppedAt).toBeLessThan(10_000);

    const store = openDatabase(server.database);
    const [newest, older] = await store.selectFrom("checkpoint").selectAll().orderBy("id", "desc").execute();
    const { status } = await store.selectFrom("job").select("status").where("id", "=", id).executeTakeFirstOrThrow();
    expect(status).toBe("queued");
    expect(newest!.step).toBeGreaterThan(older!.step);
    const { bytes } = await store
      .selectFrom("blob_chunk")
      .select("bytes")
      .where("hash", "=", newest!.blob)
      .executeTakeFirstOrThrow();
    const damaged = Uint8Array.from(bytes, (byte, index) => (index === 1000 ? byte ^ 1 : byte));
    await store.updateTable("blob_chunk").set({ bytes: damaged }).where("hash", "=", newest!.blob).execute();
    await store.destroy();

    await server.start();
    await expectUndisturbed(server, id);
    const { data } = (await server.api<{ data: Event[] }>("GET", `/v1/jobs/${id}/events?limit=1000`)).body;
    const warning = data.find(
      ({ type, data: details }) => type === "log" && String(details["message"]).includes(newest!.id),
    );
    expect(warning?.data).toMatchObject({ level: "warn", message: expect.stringContaining("damaged") as unknown });
  });
});

describe("when the trainer stands still for longer than its lease", () => {
  test("the job is taken from it, and what it still wanted to write is refused", async () => {
    const server = await ownServer();
    const trainer = await server.trainerPid();
    const { id } = await startedJob(server);
    const store = openDatabase(server.database);
    onTestFinished(async () => await store.destroy());
    await store.executeQuery({
      sql: "PRAGMA busy_timeout = 100",
      parameters: [],
      query: {} as never,
      queryId: {} as never,
    });
    // Stopped in the middle of a transaction it would keep everybody out: then it is let go and stopped again.
    await eventually("the trainer stands still outside a transaction", async () => {
      process.kill(trainer, "SIGSTOP");
      const expired = store.updateTable("job").set({ lease_until: 1 }).where("id", "=", id).execute();
      return await expired.then(
        () => true,
        () => !process.kill(trainer, "SIGCONT"),
      );
    });
    await eventually("the job was taken back", async () => (await jobOf(server, id)).status === "queued");
    process.kill(trainer, "SIGCONT");
    await expectUndisturbed(server, id);
  });
});
