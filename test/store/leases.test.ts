// Leases: who may work on a job, for how long, and that nobody else can write.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { controlJob } from "../../src/jobs/control.ts";
import { publishVersion } from "../../src/models/publish.ts";
import type { EvaluationReport } from "../../src/contract/evaluation.ts";
import type { VersionRecord } from "../../src/models/version-record.ts";
import { insertCheckpoint } from "../../src/store/checkpoints.ts";
import { inTransaction, type Store } from "../../src/store/database.ts";
import { newId } from "../../src/store/ids.ts";
import { getJobRow } from "../../src/store/jobs.ts";
import {
  claimNextJob,
  leaseMs,
  maximumCrashes,
  maximumRestarts,
  renewLeases,
  rescueJobs,
  StaleAttemptError,
} from "../../src/store/leases.ts";
import { type Attempt, recordEpochs, recordPhase, recordProgress, recordWarning } from "../../src/store/progress.ts";
import { epoch, progress, queueJob, someBytes, temporaryStore } from "./construction.ts";

const expireLeases = (store: Store) =>
  store
    .updateTable("job")
    .set({ lease_until: Date.now() - 1 })
    .execute();

async function claim(store: Store): Promise<Attempt> {
  const { job, attemptToken } = (await claimNextJob(store, "trainer_1"))!;
  return { jobId: job.id, attemptToken };
}

describe("claiming", () => {
  test("takes the oldest queued job and holds it for the time of a lease", async () => {
    const { store } = await temporaryStore();
    const [oldest, next] = [await queueJob(store), await queueJob(store)];
    const before = Date.now();
    const first = await claimNextJob(store, "trainer_1");
    expect(first?.job).toMatchObject({ id: oldest, status: "running", phase: "preparing", attempts: 1 });
    expect(first?.job.lease_until).toBeGreaterThanOrEqual(before + leaseMs);
    expect((await claimNextJob(store, "trainer_2"))?.job.id).toBe(next);
    expect(await claimNextJob(store, "trainer_1")).toBeUndefined();
  });

  test("does not wait for a writer when there is no job to take", async () => {
    const { store, connect } = await temporaryStore();
    const writer = connect();
    let finish = () => {};
    const finished = new Promise<void>((resolve) => (finish = resolve));
    await new Promise<void>((resolve) => {
      void inTransaction(writer, async () => {
        resolve();
        await finished;
      });
    });
    // With the lock it would wait for the busy timeout and then fail: the writer ends only after the answer.
    expect(await claimNextJob(store, "trainer_1")).toBeUndefined();
    finish();
  });

  test("gives no job to two of three processes that claim at the same time", async () => {
    const { store, path } = await temporaryStore();
    const jobs: string[] = [];
    for (let i = 0; i < 60; i++) jobs.push(await queueJob(store));
    const claimer = fileURLToPath(new URL("claimer.ts", import.meta.url));
    const outputs = await Promise.all(
      [1, 2, 3].map(() => promisify(execFile)(process.execPath, [claimer, path]).then(({ stdout }) => stdout)),
    );
    const claimed = outputs.flatMap((output) => output.trim().split("\n").filter(Boolean));
    expect(claimed.sort()).toEqual(jobs.sort());
  });
});

describe("a lease", () => {
  test("that is renewed in time is not rescued; one that ran out is, and its job is queued again", async () => {
    const { store } = await temporaryStore();
    await queueJob(store);
    await queueJob(store);
    const [kept, lost] = [await claim(store), await claim(store)];
    await expireLeases(store);
    expect((await renewLeases(store, [kept.attemptToken])).map(({ id }) => id)).toEqual([kept.jobId]);
    expect(await rescueJobs(store, { kind: "expired" }, "silent")).toEqual({
      requeued: [lost.jobId],
      abandoned: [],
      obeyed: [],
    });
    expect(await getJobRow(store, lost.jobId)).toMatchObject({ status: "queued", attempt_token: null });
    expect((await getJobRow(store, kept.jobId)).status).toBe("running");
    expect(await renewLeases(store, [kept.attemptToken, lost.attemptToken])).toHaveLength(1);
  });

  test("of a dead trainer is ended without waiting, and those of others are left alone", async () => {
    const { store } = await temporaryStore();
    await queueJob(store);
    await queueJob(store);
    const dead = (await claimNextJob(store, "trainer_dead"))!;
    await claimNextJob(store, "trainer_alive");
    const rescued = await rescueJobs(store, { kind: "died", trainerId: "trainer_dead" }, "died");
    expect(rescued.requeued).toEqual([dead.job.id]);
  });

  test("that ran out three times in a row ends the job with trainer_lost", async () => {
    const { store } = await temporaryStore();
    const jobId = await queueJob(store);
    for (let attempt = 1; attempt <= 3; attempt++) {
      expect((await claimNextJob(store, "trainer_1"))?.job.attempts).toBe(attempt);
      await expireLeases(store);
      await rescueJobs(store, { kind: "expired" }, "silent");
    }
    const row = await getJobRow(store, jobId);
    expect(row).toMatchObject({ status: "failed", phase: "finished" });
    expect(JSON.parse(row.error!)).toMatchObject({ code: "trainer_lost" });
    expect(await claimNextJob(store, "trainer_1")).toBeUndefined();
  });
});

describe("restarting the server", () => {
  const restart = (store: Store) => rescueJobs(store, { kind: "restart" }, "restarted");

  test("is never by itself the fault of a job: it is taken up again, beside others, as often as it was", async () => {
    const { store } = await temporaryStore();
    const jobId = await queueJob(store);
    for (let times = 1; times <= 2 * maximumCrashes; times++) {
      const alone = false;
      expect((await claimNextJob(store, "trainer_1", alone))?.job).toMatchObject({ attempts: times, crashes: 0 });
      expect((await restart(store)).requeued).toEqual([jobId]);
    }
  });

  test("gives up a job only after very many times in a row without anything new, and says what happened", async () => {
    const { store } = await temporaryStore();
    const jobId = await queueJob(store);
    const interrupted = async () => {
      await claim(store);
      await restart(store);
      return await getJobRow(store, jobId);
    };
    for (let times = 1; times < maximumRestarts; times++) expect((await interrupted()).restarts).toBe(times);
    const attempt = await claim(store);
    await recordEpochs(store, attempt, [epoch(1, 0.5)], progress);
    await recordPhase(store, attempt, "evaluating");
    await restart(store);
    expect(await getJobRow(store, jobId)).toMatchObject({ status: "queued", restarts: 0 });
    for (let times = 1; times < maximumRestarts; times++) await interrupted();
    const row = await interrupted();
    expect(row.status).toBe("failed");
    expect(JSON.parse(row.error!)).toMatchObject({
      code: "trainer_lost",
      message: expect.stringMatching(/server ended 20 times/),
      hint: expect.not.stringMatching(/batch_size/),
    });
  });

  test("leaves trainers alone that others started, unless their lease ran out meanwhile", async () => {
    const { store } = await temporaryStore();
    for (let i = 0; i < 3; i++) await queueJob(store);
    const kept = (await claimNextJob(store, newId("trainer")))!.job.id;
    const silent = (await claimNextJob(store, newId("standalone")))!.job.id;
    await expireLeases(store);
    const alive = (await claimNextJob(store, newId("standalone")))!.job.id;
    await store
      .updateTable("job")
      .set({ lease_until: Date.now() + leaseMs })
      .where("id", "=", kept)
      .execute();
    expect((await restart(store)).requeued.sort()).toEqual([kept, silent].sort());
    expect(await getJobRow(store, alive)).toMatchObject({ status: "running" });
    expect(await getJobRow(store, silent)).toMatchObject({ crashes: 0 });
  });
});

describe("what was asked of a running job", () => {
  test.each([
    ["cancel", "cancelled"],
    ["pause", "paused"],
  ] as const)("is done when its trainer dies before it could: %s", async (action, status) => {
    const { store } = await temporaryStore();
    const jobId = await queueJob(store);
    await claim(store);
    await controlJob(store, jobId, action);
    expect((await rescueJobs(store, { kind: "restart" }, "restarted")).obeyed).toEqual([jobId]);
    expect((await getJobRow(store, jobId)).status).toBe(status);
  });

  test("is taken back by a resume, but a cancel is not", async () => {
    const { store } = await temporaryStore();
    const jobId = await queueJob(store);
    await claim(store);
    await controlJob(store, jobId, "pause");
    await controlJob(store, jobId, "resume");
    expect((await getJobRow(store, jobId)).requested_action).toBeNull();
    await controlJob(store, jobId, "cancel");
    await controlJob(store, jobId, "resume");
    await controlJob(store, jobId, "pause");
    expect((await getJobRow(store, jobId)).requested_action).toBe("cancel");
  });
});

describe("a stale attempt", () => {
  const record = { format: 1, metrics: {} } as unknown as VersionRecord;
  const publication = { record, weights: someBytes(10, 2), evaluation: {} as EvaluationReport };
  const writes: [string, (store: Store, attempt: Attempt) => Promise<void>][] = [
    ["a phase", (store, attempt) => recordPhase(store, attempt, "training")],
    ["an epoch", (store, attempt) => recordEpochs(store, attempt, [epoch(1, 9)], progress)],
    ["a warning", (store, attempt) => recordWarning(store, attempt, "mind this")],
    ["progress", (store, attempt) => recordProgress(store, attempt, { ...progress, step: 5 })],
    [
      "a checkpoint",
      (store, attempt) => insertCheckpoint(store, { ...attempt, epoch: 1, step: 1, bytes: someBytes(10, 1) }),
    ],
    ["a version", (store, attempt) => publishVersion(store, attempt, "m", publication)],
  ];

  test.each(writes)("cannot write %s while another attempt holds the job", async (_what, write) => {
    const { store } = await temporaryStore();
    await queueJob(store);
    const stale = await claim(store);
    await rescueJobs(store, { kind: "restart" }, "restarted");
    const present = await claim(store);
    expect(present.jobId).toBe(stale.jobId);
    const contents = async () => ({
      job: await getJobRow(store, stale.jobId),
      events: await store.selectFrom("event").selectAll().execute(),
      checkpoints: await store.selectFrom("checkpoint").selectAll().execute(),
      models: await store.selectFrom("model").selectAll().execute(),
    });
    const before = await contents();
    await expect(write(store, stale)).rejects.toThrow(StaleAttemptError);
    expect(await contents()).toEqual(before);
    await write(store, present);
    expect(await contents()).not.toEqual(before);
  });

  test.each(writes)("cannot write %s after the job was cancelled", async (_what, write) => {
    const { store } = await temporaryStore();
    const jobId = await queueJob(store);
    const attempt = await claim(store);
    await controlJob(store, jobId, "cancel");
    await rescueJobs(store, { kind: "restart" }, "restarted");
    await expect(write(store, attempt)).rejects.toThrow(StaleAttemptError);
  });
});
