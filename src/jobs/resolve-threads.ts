// How many threads compute a job together. It is part of what decides the last bits, so it is chosen when the job is
// submitted and stays with it, wherever it runs and goes on.
import type { Plan } from "../engine/plan.ts";
import { multiplyAdds } from "../engine/work.ts";
import type { Fault } from "../errors.ts";

export interface Machine {
  processors: number;
  /** Jobs that its trainers run side by side. */
  jobsAtOnce: number;
}

/** Below so many multiply-adds, 2 to 10 ms on one processor, the threads of a step would mostly wait for each other. */
const workWorthSharing = 100e6;
/** What a thread computes of a batch begins with a whole group of rows. */
const rowsInGroup = 4;

/** @param plan the job's for one thread */
export function resolveThreads(asked: number | "auto", plan: Plan, machine: Machine, warnings: Fault[]): number {
  const busy = plan.training === null ? 1 : Math.ceil(plan.batchCapacity / rowsInGroup);
  if (asked === "auto") {
    const worthwhile = plan.training !== null && multiplyAdds(plan.training.differentiate) >= workWorthSharing;
    const idle = Math.floor(machine.processors / Math.max(1, machine.jobsAtOnce));
    return worthwhile ? Math.max(1, Math.min(idle, busy)) : 1;
  }
  const threads = Math.min(asked, busy, machine.processors);
  if (threads < asked) {
    const why =
      busy < asked
        ? `batches of ${plan.batchCapacity} rows keep ${busy} busy`
        : `there are ${machine.processors} processors here`;
    warnings.push({
      pointer: "/hyperparameters/threads",
      code: "fewer_threads",
      detail: `${asked} threads were asked for, but ${plan.training === null ? "nothing is trained" : why}: it will be ${threads}.`,
      hint: `Ask for ${threads}, or "auto".`,
    });
  }
  return threads;
}
