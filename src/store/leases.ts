// A lease is a trainer's time-limited right to a job; the attempt token fences every write that is made under it.
import { inTransaction, type Store, type StoreOrTransaction } from "./database.ts";
import { type IdPrefix, newId } from "./ids.ts";
import { transition } from "./job-lifecycle.ts";
import type { JobRow } from "./tables.ts";

/** A trainer that was silent for this long has lost its jobs. */
export const leaseMs = 10_000;
export const renewEveryMs = 3_000;
/** A job under which so many trainers were lost is given up: it may be what kills them. */
export const maximumCrashes = 3;
/** The same for whole servers: rarely a job's fault, but one that takes the machine down must not do so for ever. */
export const maximumRestarts = 20;
/** Ids of trainers that a server keeps begin so; those of others do not (ids.ts). */
const keptTrainerPrefix = "trainer" satisfies IdPrefix;

/** The write came from an attempt that no longer holds the job: stop working on it. */
export class StaleAttemptError extends Error {
  constructor(jobId: string) {
    super(`this attempt no longer holds ${jobId}`);
    this.name = "StaleAttemptError";
  }
}

export interface Claim {
  job: JobRow;
  attemptToken: string;
}

/** Whether a trainer died while the job ran: it may have been its fault, so next time it runs alone. */
export function isSuspect(job: Pick<JobRow, "crashes">): boolean {
  return job.crashes > 0;
}

/**
 * Takes the oldest queued job, or returns undefined when none waits. A suspect waits until its trainer has nothing else
 * to do (`alone`), so that no other job pays for its crashes; and nothing overtakes it.
 */
export async function claimNextJob(store: Store, trainerId: string, alone = true): Promise<Claim | undefined> {
  // Asked several times a second: only when there is a job to take is the write lock taken from others.
  if ((await nextJob(store, alone)) === undefined) return undefined;
  return await inTransaction(store, async (transaction) => {
    const next = await nextJob(transaction, alone);
    if (next === undefined) return undefined;
    const now = Date.now();
    const attemptToken = newId("try");
    const job = await transition(transaction, next.id, "claim", {
      now,
      set: {
        phase: "preparing",
        attempts: next.attempts + 1,
        attempt_token: attemptToken,
        trainer_id: trainerId,
        lease_until: now + leaseMs,
        started_at: next.started_at ?? now,
      },
      data: { attempt: next.attempts + 1 },
    });
    return job === undefined ? undefined : { job, attemptToken };
  });
}

async function nextJob(store: StoreOrTransaction, alone: boolean) {
  const next = await store
    .selectFrom("job")
    .select(["id", "attempts", "crashes", "started_at"])
    .where("status", "=", "queued")
    .orderBy("id")
    .limit(1)
    .executeTakeFirst();
  return next === undefined || (isSuspect(next) && !alone) ? undefined : next;
}

export interface HeldJob {
  id: string;
  attempt_token: string | null;
  requested_action: "cancel" | "pause" | null;
}

/** Renews every lease of the given attempts. Returns those still held, with what was asked of them; the others are lost. */
export async function renewLeases(store: Store, attemptTokens: readonly string[]): Promise<HeldJob[]> {
  if (attemptTokens.length === 0) return [];
  return await store
    .updateTable("job")
    .set({ lease_until: Date.now() + leaseMs })
    .where("status", "=", "running")
    .where("attempt_token", "in", attemptTokens)
    .returning(["id", "attempt_token", "requested_action"])
    .execute();
}

/** What was asked of the jobs held by these attempts; a read, cheap enough to poll. */
export async function requestedActions(store: Store, attemptTokens: readonly string[]): Promise<HeldJob[]> {
  if (attemptTokens.length === 0) return [];
  return await store
    .selectFrom("job")
    .select(["id", "attempt_token", "requested_action"])
    .where("attempt_token", "in", attemptTokens)
    .where("requested_action", "is not", null)
    .execute();
}

/** @throws StaleAttemptError when the attempt does not hold the job (any more) */
export async function assertHeld(store: StoreOrTransaction, jobId: string, attemptToken: string): Promise<void> {
  const held = await store
    .selectFrom("job")
    .select("id")
    .where("id", "=", jobId)
    .where("attempt_token", "=", attemptToken)
    .where("status", "=", "running")
    .executeTakeFirst();
  if (held === undefined) throw new StaleAttemptError(jobId);
}

/** Which running jobs to put back, and with that whether the trainer's end counts against the job. */
export type Rescue =
  /** At the start of a server: those of trainers its predecessor kept, who ended with it, and those whose lease ran out. */
  | { kind: "restart" }
  /** Those whose lease ran out while this server watched. */
  | { kind: "expired" }
  /** Those of a trainer that died before the eyes of this server. */
  | { kind: "died"; trainerId: string };

/** The ids put back, given up, and cancelled or paused as somebody had asked. */
export interface Rescued {
  requeued: string[];
  abandoned: string[];
  obeyed: string[];
}

/**
 * Puts running jobs back in the queue (they go on from their last checkpoint), or gives them up after `maximumCrashes`,
 * or `maximumRestarts` in a row without anything new. What was asked of them meanwhile is done.
 */
export async function rescueJobs(store: Store, rescue: Rescue, reason: string): Promise<Rescued> {
  return await inTransaction(store, async (transaction) => {
    const now = Date.now();
    let query = transaction
      .selectFrom("job")
      .select(["id", "crashes", "restarts", "requested_action"])
      .where("status", "=", "running");
    if (rescue.kind === "died") query = query.where("trainer_id", "=", rescue.trainerId);
    else if (rescue.kind === "expired") query = query.where("lease_until", "<", now);
    else
      query = query.where((or) =>
        or.or([or("lease_until", "<", now), or("trainer_id", "like", `${keptTrainerPrefix}%`)]),
      );
    const outcome: Rescued = { requeued: [], abandoned: [], obeyed: [] };
    for (const job of await query.execute()) {
      const { id, requested_action } = job;
      if (requested_action !== null) {
        await transition(transaction, id, "rescue", { now, data: { reason } });
        await transition(transaction, id, requested_action === "cancel" ? "cancel_waiting" : "pause_queued", { now });
        outcome.obeyed.push(id);
        continue;
      }
      const set = rescue.kind === "restart" ? await countRestart(transaction, job) : { crashes: job.crashes + 1 };
      const error = whyAbandoned(set, reason);
      if (error === undefined) {
        await transition(transaction, id, "rescue", { now, set, data: { reason } });
        outcome.requeued.push(id);
      } else {
        await transition(transaction, id, "abandon", { now, set: { ...set, error: JSON.stringify(error) } });
        outcome.abandoned.push(id);
      }
    }
    return outcome;
  });
}

async function countRestart(store: StoreOrTransaction, { id, restarts }: Pick<JobRow, "id" | "restarts">) {
  return { restarts: (await gotFurther(store, id)) ? 0 : restarts + 1 };
}

function whyAbandoned({ crashes = 0, restarts = 0 }: { crashes?: number; restarts?: number }, reason: string) {
  if (crashes >= maximumCrashes) {
    return {
      code: "trainer_lost",
      message: `The trainer was lost ${crashes} times while this job ran (${reason}).`,
      hint: "The job may need more memory than there is: try a smaller network or batch_size.",
    };
  }
  if (restarts >= maximumRestarts) {
    return {
      code: "trainer_lost",
      message: `The server ended ${restarts} times in a row while this job ran, each time before it showed anything new.`,
      hint: "Find out what ends the server (its log, the machine's memory), then POST the job again.",
    };
  }
  return undefined;
}

/** Whether the present attempt showed something new: repeated epochs leave no event. */
async function gotFurther(store: StoreOrTransaction, jobId: string): Promise<boolean> {
  const newest = await store
    .selectFrom("event")
    .select("sequence")
    .where("job_id", "=", jobId)
    .where("type", "in", ["metric", "checkpoint"])
    .orderBy("sequence", "desc")
    .limit(1)
    .executeTakeFirst();
  if (newest === undefined) return false;
  const later = await store
    .selectFrom("event")
    .select("data")
    .where("job_id", "=", jobId)
    .where("sequence", ">", newest.sequence)
    .where("type", "=", "status")
    .execute();
  // Only a claim's event carries its attempt.
  return !later.some(({ data }) => "attempt" in (JSON.parse(data) as object));
}
