// The life of a job as one table. Every change of status goes through `transition`: one transaction, fenced, with its event.
import type { Transaction, UpdateObject } from "kysely";
import type { JobStatus } from "../contract/job.ts";
import { appendEvent } from "./events.ts";
import type { JobRow, Tables } from "./tables.ts";

interface Transition {
  from: readonly JobStatus[];
  to: JobStatus;
  /** True when only the trainer that holds the job may do it. */
  fenced: boolean;
}

/*
 * queued     waits for a trainer. Entered by submit, by requeue (its trainer stopped or died) and by resume.
 * running    a trainer holds a lease and an attempt token.
 * paused     stands still with its last checkpoint until it is resumed or cancelled.
 * succeeded, failed, cancelled     final.
 */
export const transitions = {
  claim: { from: ["queued"], to: "running", fenced: false },
  /** The trainer stops in order: the job goes back with its checkpoint. */
  release: { from: ["running"], to: "queued", fenced: true },
  /** The lease ran out or the trainer died: somebody else puts the job back. */
  rescue: { from: ["running"], to: "queued", fenced: false },
  /** The job outlived too many trainers: whoever finds it gives it up. */
  abandon: { from: ["running"], to: "failed", fenced: false },
  pause: { from: ["running"], to: "paused", fenced: true },
  pause_queued: { from: ["queued"], to: "paused", fenced: false },
  resume: { from: ["paused"], to: "queued", fenced: false },
  succeed: { from: ["running"], to: "succeeded", fenced: true },
  fail: { from: ["running"], to: "failed", fenced: true },
  cancel: { from: ["running"], to: "cancelled", fenced: true },
  /** Nobody works on it: the server cancels it itself. */
  cancel_waiting: { from: ["queued", "paused"], to: "cancelled", fenced: false },
} as const satisfies Record<string, Transition>;

export type TransitionName = keyof typeof transitions;

export function isTerminal(status: JobStatus): boolean {
  return status === "succeeded" || status === "failed" || status === "cancelled";
}

export interface TransitionOptions {
  /** The attempt that asks for it; needed by fenced transitions. */
  attemptToken?: string;
  /** More columns to change in the same statement. */
  set?: UpdateObject<Tables, "job">;
  /** More fields for the event. */
  data?: Record<string, unknown>;
  now: number;
}

/**
 * Carries out `name` on the job if its present status (and attempt) allows it.
 * @returns the changed job, or undefined when it did not apply: nothing was written then
 */
export async function transition(
  transaction: Transaction<Tables>,
  jobId: string,
  name: TransitionName,
  { attemptToken, set = {}, data = {}, now }: TransitionOptions,
): Promise<JobRow | undefined> {
  const rule: Transition = transitions[name];
  if (rule.fenced && attemptToken === undefined) throw new Error(`transition "${name}" needs an attempt token`);
  const left =
    rule.to === "running" ? {} : { attempt_token: null, trainer_id: null, lease_until: null, requested_action: null };
  const ended = isTerminal(rule.to) ? { finished_at: now, phase: "finished" as const } : {};
  const waiting = rule.to === "queued" ? { phase: "queued" as const } : {};
  let update = transaction
    .updateTable("job")
    .set({ status: rule.to, ...left, ...waiting, ...ended, ...set })
    .where("id", "=", jobId)
    .where("status", "in", rule.from);
  if (rule.fenced) update = update.where("attempt_token", "=", attemptToken!);
  const changed = await update.returningAll().executeTakeFirst();
  if (changed === undefined) return undefined;
  await appendEvent(transaction, {
    jobId,
    type: "status",
    now,
    data: { status: changed.status, phase: changed.phase, ...data },
  });
  if (isTerminal(rule.to)) {
    await appendEvent(transaction, {
      jobId,
      type: "done",
      now,
      data: {
        status: changed.status,
        result: changed.result === null ? null : JSON.parse(changed.result),
        error: changed.error === null ? null : JSON.parse(changed.error),
      },
    });
  }
  return changed;
}
