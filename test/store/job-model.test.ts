// Random histories of jobs against a small model of what may happen (fast-check commands): transitions are legal, final
// statuses are final, only the attempt that holds a job writes, and no epoch that was shown ever changes.
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ControlAction, controlJob } from "../../src/jobs/control.ts";
import { openDatabase, inTransaction, type Store } from "../../src/store/database.ts";
import { isTerminal, transition } from "../../src/store/job-lifecycle.ts";
import { getJobRow } from "../../src/store/jobs.ts";
import { claimNextJob, maximumCrashes, rescueJobs, StaleAttemptError } from "../../src/store/leases.ts";
import { listEpochs } from "../../src/store/metrics.ts";
import { migrate } from "../../src/store/migrate.ts";
import { recordEpochs } from "../../src/store/progress.ts";
import { temporaryDatabase } from "../server.ts";
import { epoch, progress, queueJob } from "./construction.ts";

/** Lower than the millions of a night's run, so that `npm test` stays short; raise it to look deeper. */
const runs = Number(process.env["PROPERTY_RUNS"] ?? 60);
const mostCommands = 60;

interface ModelJob {
  id: string;
  status: string;
  attempts: number;
  crashes: number;
  token: string | undefined;
  /** Every token it ever had: only the present one may write. */
  tokens: string[];
  asked: string | null;
  losses: number[];
}
type Model = ModelJob[];
type Command = fc.AsyncCommand<Model, Store>;

const { path, remove } = temporaryDatabase();
let store: Store;
beforeAll(async () => {
  store = openDatabase(path);
  await migrate(store);
});
afterAll(async () => {
  await store.destroy();
  remove();
});

const end = (job: ModelJob, status: string) => Object.assign(job, { status, token: undefined, asked: null });

/** The job a random number points at, or undefined while there is none. */
const pick = (model: Model, index: number): ModelJob | undefined => model[index % Math.max(1, model.length)];

/** A token the job has or had: mostly the latest. */
const tokenOf = (job: ModelJob | undefined, which: number) => job?.tokens.at(which < 6 ? -1 : which - 10);

function command(name: string, run: (model: Model) => Promise<void>): Command {
  return {
    toString: () => name,
    check: () => true,
    run: async (model) => {
      await run(model);
      for (const job of model) {
        const row = await getJobRow(store, job.id);
        const { status, attempts, crashes, asked } = job;
        expect([row.status, row.attempts, row.crashes, row.requested_action]).toEqual([
          status,
          attempts,
          crashes,
          asked,
        ]);
        expect(row.attempt_token ?? undefined).toBe(job.token);
        expect((await listEpochs(store, job.id, 0, 1000)).map((shown) => shown.train_loss)).toEqual(job.losses);
      }
    },
  };
}

const submit = () =>
  command("submit", async (model) => {
    const id = await queueJob(store);
    model.push({
      id,
      status: "queued",
      attempts: 0,
      crashes: 0,
      token: undefined,
      tokens: [],
      asked: null,
      losses: [],
    });
  });

const claim = (alone: boolean) =>
  command(`claim ${alone ? "alone" : "beside others"}`, async (model) => {
    const oldest = model.find((job) => job.status === "queued");
    const claimed = await claimNextJob(store, "trainer", alone);
    if (oldest === undefined || (oldest.crashes > 0 && !alone)) return expect(claimed).toBeUndefined();
    expect(claimed?.job.id).toBe(oldest.id);
    const token = claimed!.attemptToken;
    Object.assign(oldest, { status: "running", attempts: oldest.attempts + 1, token });
    oldest.tokens.push(token);
  });

const control = (index: number, action: ControlAction) =>
  command(`${action} ${index}`, async (model) => {
    const job = pick(model, index);
    if (job === undefined) return;
    const refused = await controlJob(store, job.id, action).then(
      () => false,
      () => true,
    );
    if (job.status === "running" && job.asked !== "cancel") job.asked = action === "resume" ? null : action;
    const key = `${action} ${job.status}`;
    const moves: Record<string, string> = {
      "cancel queued": "cancelled",
      "cancel paused": "cancelled",
      "pause queued": "paused",
      "resume paused": "queued",
    };
    const same = ["cancel running", "pause running", "resume running"];
    const repeated = ["cancel cancelled", "pause paused", "resume queued"];
    expect(refused).toBe(moves[key] === undefined && ![...same, ...repeated].includes(key));
    if (moves[key] !== undefined) end(job, moves[key]);
  });

/** An attempt, present or past, writes an epoch: a past one must be refused, a repeated epoch must change nothing. */
const write = (index: number, which: number, number: number, loss: number) =>
  command(`write epoch ${number} of ${index} by attempt ${which}`, async (model) => {
    const job = pick(model, index);
    const token = tokenOf(job, which);
    if (job === undefined || token === undefined) return;
    const epochNumber = Math.min(number, job.losses.length + 1);
    const written = recordEpochs(store, { jobId: job.id, attemptToken: token }, [epoch(epochNumber, loss)], progress);
    if (token !== job.token) return await expect(written).rejects.toThrow(StaleAttemptError);
    await written;
    if (epochNumber === job.losses.length + 1) job.losses.push(loss);
  });

const leave = (index: number, which: number, name: "succeed" | "fail" | "release" | "pause" | "cancel") =>
  command(`${name} ${index} by attempt ${which}`, async (model) => {
    const job = pick(model, index);
    const token = tokenOf(job, which);
    if (job === undefined || token === undefined) return;
    const changed = await inTransaction(store, (transaction) =>
      transition(transaction, job.id, name, { attemptToken: token, now: 1 }),
    );
    expect(changed !== undefined).toBe(token === job.token);
    const to = { succeed: "succeeded", fail: "failed", release: "queued", pause: "paused", cancel: "cancelled" };
    if (token === job.token) end(job, to[name]);
  });

const rescue = () =>
  command("every lease runs out", async (model) => {
    await store.updateTable("job").set({ lease_until: 1 }).where("status", "=", "running").execute();
    await rescueJobs(store, { kind: "expired" }, "silent");
    for (const job of model.filter(({ status }) => status === "running")) {
      if (job.asked !== null) end(job, job.asked === "cancel" ? "cancelled" : "paused");
      else end(job, (job.crashes += 1) >= maximumCrashes ? "failed" : "queued");
    }
  });

const which = fc.nat({ max: 9 });
/** Most operations meet on the same few jobs. */
const index = fc.nat({ max: 2 });
const loss = fc.double({ min: 0, max: 9, noNaN: true });
const writing = fc.tuple(index, which, fc.integer({ min: 1, max: 4 }), loss).map((args) => write(...args));
const commands = fc.commands(
  [
    fc.constant(submit()),
    fc.boolean().map(claim),
    fc.tuple(index, fc.constantFrom<ControlAction>("cancel", "pause", "resume")).map((args) => control(...args)),
    writing,
    writing,
    fc
      .tuple(index, which, fc.constantFrom("succeed", "fail", "release", "pause", "cancel"))
      .map((args) => leave(...args)),
    fc.constant(rescue()),
  ],
  { maxCommands: mostCommands, size: "max" },
);

test("no sequence of operations leads where the model does not", async () => {
  let executed = 0;
  await fc.assert(
    fc.asyncProperty(commands, async (sequence) => {
      await store.deleteFrom("job").execute();
      executed += [...sequence].length;
      await fc.asyncModelRun(() => ({ model: [] as Model, real: store }), sequence);
      await expectLegalHistories();
    }),
    { numRuns: runs, seed: 20_260_101 },
  );
  expect(executed).toBeGreaterThan(runs * 20);
});

/** Each job's events tell the same story: one final status at most, and nothing after its end. */
async function expectLegalHistories(): Promise<void> {
  for (const { id, status } of await store.selectFrom("job").select(["id", "status"]).execute()) {
    const events = await store
      .selectFrom("event")
      .select("type")
      .where("job_id", "=", id)
      .orderBy("sequence")
      .execute();
    const done = events.findIndex((event) => event.type === "done");
    expect(done).toBe(isTerminal(status) ? events.length - 1 : -1);
  }
}
