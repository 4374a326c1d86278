// Long poll: answers when the job has ended, or with its present state when the time is over.
import type { Job } from "../contract/job.ts";
import type { Store } from "../store/database.ts";
import { getJob } from "../store/jobs.ts";
import type { JobChanges } from "./changes.ts";

/** How long a change that nobody announced (a trainer on another machine) may go unnoticed. */
const pollMs = 500;

export async function waitForJob(
  store: Store,
  changes: JobChanges,
  jobId: string,
  waitSeconds: number,
  signal?: AbortSignal,
): Promise<Job> {
  const deadline = performance.now() + waitSeconds * 1000;
  for (;;) {
    const count = changes.count;
    const job = await getJob(store, jobId);
    const left = deadline - performance.now();
    if (job.terminal || left <= 0 || signal?.aborted === true) return job;
    await changes.next(jobId, count, Math.min(left, pollMs), signal);
  }
}
