// Trainers that die, stop or stand still: training goes on and ends with the same bits as training left in peace.
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { openDatabase } from "../../src/store/database.ts";
import { getJobRow } from "../../src/store/jobs.ts";
import { epochsOf, getJob, jobPausedOnce, jobWithCheckpoint, outcomeOf, submitLong, waitForEnd } from "../long-job.ts";
import { eventually, isAlive, ServerProcess } from "../server.ts";

/** Epochs: long enough for a checkpoint by the clock, and a shorter one that is paused to get a checkpoint at once. */
const [long, short] = [800, 400];
const undisturbed = new Map<number, unknown>();
let server: ServerProcess;

beforeAll(async () => {
  server = await new ServerProcess().start();
  const jobs = await Promise.all([long, short].map((epochs) => submitLong(server, epochs)));
  for (const job of jobs)
    undisturbed.set(job.progress.epochs, await outcomeOf(server, await waitForEnd(server, job.id)));
});
afterAll(async () => await server.end());

describe("when the trainer is killed", () => {
  test("the server lives, and a new trainer goes on from the checkpoint", async () => {
    const killed = await server.trainerPid();
    const { id } = await jobWithCheckpoint(server, long);
    const shown = await epochsOf(server, id);
    process.kill(killed, "SIGKILL");
    const ended = await waitForEnd(server, id);
    expect(ended).toMatchObject({ status: "succeeded", attempts: 2 });
    expect(await outcomeOf(server, ended)).toEqual(undisturbed.get(long));
    expect((await epochsOf(server, id)).slice(0, shown.length)).toEqual(shown);
    expect(await server.trainerPid(killed)).not.toBe(killed);
  });

  test("three times while a job runs, that job is given up and its neighbours finish", async () => {
    const [deadly, beside, behind] = [
      await submitLong(server, 100_000, "deadly"),
      await submitLong(server, 60, "beside"),
      await submitLong(server, 3, "behind"),
    ];
    let killed: number | undefined;
    for (let times = 1; times <= 3; times++) {
      const pid = await server.trainerPid(killed);
      await eventually(`attempt ${times} runs`, async () => {
        const { status, attempts } = await getJob(server, deadly.id);
        return status === "running" && attempts === times;
      });
      process.kill(pid, "SIGKILL");
      killed = pid;
    }
    const givenUp = await waitForEnd(server, deadly.id);
    expect(givenUp).toMatchObject({ status: "failed", error: { code: "trainer_lost" }, result: null });
    expect(givenUp.error?.hint).toBeTruthy();
    for (const { id } of [beside, behind]) expect((await waitForEnd(server, id)).status).toBe("succeeded");
  });
});

describe("when the trainer is told to stop", () => {
  test("it gives its job back, and that counts as no crash", async () => {
    const stopped = await server.trainerPid();
    const { id } = await jobPausedOnce(server, short);
    process.kill(stopped, "SIGTERM");
    const ended = await waitForEnd(server, id);
    expect(ended).toMatchObject({ status: "succeeded", attempts: 3 }); // at first, after the pause, after the stop
    expect(await crashesOf(id)).toBe(0);
    expect(await outcomeOf(server, ended)).toEqual(undisturbed.get(short));
    expect(isAlive(stopped)).toBe(false);
  });
});

describe("when the trainer stands still for longer than its lease", () => {
  test("the job is taken from it, and what it still wanted to write is refused", async () => {
    const trainer = await server.trainerPid();
    const { id } = await jobPausedOnce(server, short);
    const store = openDatabase(server.database);
    onTestFinished(async () => await store.destroy());
    await sql`PRAGMA busy_timeout = 100`.execute(store);
    // Stopped in the middle of a transaction it would keep everybody out: then it is let go and stopped again.
    await eventually("the trainer stands still outside a transaction", async () => {
      process.kill(trainer, "SIGSTOP");
      const expired = store.updateTable("job").set({ lease_until: 1 }).where("id", "=", id).execute();
      return await expired.then(
        () => true,
        () => !process.kill(trainer, "SIGCONT"),
      );
    });
    await eventually("the job was taken back", async () => (await getJob(server, id)).status === "queued");
    process.kill(trainer, "SIGCONT");
    const ended = await waitForEnd(server, id);
    expect(ended).toMatchObject({ status: "succeeded", attempts: 3 });
    expect(await crashesOf(id)).toBe(1);
    expect(await outcomeOf(server, ended)).toEqual(undisturbed.get(short));
  });
});

/** Of what the job is suspected; the interface does not show it. */
async function crashesOf(jobId: string): Promise<number> {
  const store = openDatabase(server.database);
  onTestFinished(async () => await store.destroy());
  return (await getJobRow(store, jobId)).crashes;
}
