// Cancel, pause and resume: what people ask of a job. A running job is asked; its trainer carries it out.
import type { Job } from "../contract/job.ts";
import { DomainError } from "../errors.ts";
import { inTransaction, type Store } from "../store/database.ts";
import { isTerminal, transition, type TransitionName } from "../store/job-lifecycle.ts";
import { getJob, getJobRow } from "../store/jobs.ts";
import type { JobRow } from "../store/tables.ts";

export type ControlAction = "cancel" | "pause" | "resume";

/** What each action means for a job that nobody works on; for a running one it becomes a request to its trainer. */
const whenWaiting: Record<ControlAction, Partial<Record<JobRow["status"], TransitionName>>> = {
  cancel: { queued: "cancel_waiting", paused: "cancel_waiting" },
  pause: { queued: "pause_queued" },
  resume: { paused: "resume" },
};

/** Statuses in which the action has already been done: asking again is no error. */
const alreadyDone: Record<ControlAction, readonly JobRow["status"][]> = {
  cancel: ["cancelled"],
  pause: ["paused"],
  resume: ["queued"],
};

/**
 * Carries out or asks for `action`.
 * @throws DomainError `not_found`, or `conflict` when the job's status does not allow it
 */
export async function controlJob(store: Store, jobId: string, action: ControlAction): Promise<Job> {
  return await inTransaction(store, async (transaction) => {
    const row = await getJobRow(transaction, jobId);
    const name = whenWaiting[action][row.status];
    if (name !== undefined) {
      await transition(transaction, jobId, name, { now: Date.now() });
    } else if (row.status === "running") {
      // A resume takes back a pause that is not carried out yet; nothing takes back a cancel.
      const asked = action === "resume" ? null : action;
      const requested_action = row.requested_action === "cancel" ? "cancel" : asked;
      await transaction.updateTable("job").set({ requested_action }).where("id", "=", jobId).execute();
    } else if (!alreadyDone[action].includes(row.status)) {
      const hint = isTerminal(row.status)
        ? "It is finished; POST a new job instead."
        : "GET the job for its present status.";
      throw new DomainError("conflict", `Job ${jobId} is ${row.status}: it cannot ${action}.`, { hint });
    }
    return await getJob(transaction, jobId);
  });
}
