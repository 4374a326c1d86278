// A lease is a trainer's time-limited right to a job; the attempt token fences every write that is made under it.
import { inTransaction, type Store, type StoreOrTransaction } from "./database.ts";
import { newId } from "./ids.ts";
import { transition } from "./job-lifecycle.ts";
import type { JobRow } from "./tables.ts";

/** A trainer that was silent for this long has lost its jobs. */
export const leaseMs = 10_000;
export const renewEveryMs = 3_000;
/** A job that outlived so many attempts without an orderly end is given up: it may be what kills its trainers. */
export const maximumAttempts = 3;

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
export function isSuspect(job: Pick<JobRow, "attempts">): boolean {
  return job.attempts > 0;
}

/**
 * Takes the oldest queued job, or returns undefined when none waits. A suspect waits until its trainer has nothing else
 * to do (`alone`), so that no other job pays for its crashes; and nothing overtakes it.
 */
export async function claimNextJob(store: Store, trainerId: string, alone = true): Promise<Claim | undefined> {
  return await inTransaction(store, async (transaction) => {
    const next = await transaction
      .selectFrom("job")
      .select(["id", "attempts", "started_at"])
      .where("status", "=", "queued")
      .orderBy("id")
      .limit(1)
      .executeTakeFirst();
    if (next === undefined || (isSuspect(next) && !alone)) return undefined;
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

/**
 * Puts running jobs back in the queue (they go on from their last checkpoint) or gives them up after `maximumAttempts`.
 * What was asked of them meanwhile is done. A restart of the server is no fault of a job that had got further.
 * `which`: those whose lease ran out, those of one trainer known to be dead, or all (at start, when nobody can hold any).
 * @returns the ids put back and given up
 */
export async function rescueJobs(
  store: Store,
  which: "expired" | "all" | { trainerId: string },
  reason: string,
): Promise<{ requeued: string[]; abandoned: string[] }> {
  return await inTransaction(store, async (transaction) => {
    const now = Date.now();
    let query = transaction
      .selectFrom("job")
      .select(["id", "attempts", "requested_action"])
      .where("status", "=", "running");
    if (which === "expired") query = query.where("lease_until", "<", now);
    else if (which !== "all") query = query.where("trainer_id", "=", which.trainerId);
    const outcome = { requeued: [] as string[], abandoned: [] as string[] };
    for (const { id, attempts, requested_action } of await query.execute()) {
      const uncounted = which === "all" && (await gotFurther(transaction, id));
      if (requested_action !== null) {
        await transition(transaction, id, "rescue", { now, data: { reason } });
        await transition(transaction, id, requested_action === "cancel" ? "cancel_waiting" : "pause_queued", { now });
      } else if (attempts >= maximumAttempts && !uncounted) {
        const error = {
          code: "trainer_lost",
          message: `The trainer died ${attempts} times while this job ran (${reason}).`,
          hint: "The job may need more memory than there is: try a smaller network or batch_size.",
        };
        await transition(transaction, id, "abandon", { now, set: { error: JSON.stringify(error) } });
        outcome.abandoned.push(id);
      } else {
        const set = uncounted ? { attempts: attempts - 1 } : {};
        await transition(transaction, id, "rescue", { now, set, data: { reason } });
        outcome.requeued.push(id);
      }
    }
    return outcome;
  });
}

/** Whether the present attempt showed something new: an attempt begins with status events, repeated epochs leave none. */
async function gotFurther(store: StoreOrTransaction, jobId: string): Promise<boolean> {
  const newest = await store
    .selectFrom("event")
    .select("type")
    .where("job_id", "=", jobId)
    .orderBy("sequence", "desc")
    .limit(1)
    .executeTakeFirst();
  return newest?.type === "metric" || newest?.type === "checkpoint";
}
