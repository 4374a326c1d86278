// The core that is measured on. Where a process may run on several, the scheduler moves it, and its caches go cold.
import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";

/** Pins this process and its children to the cores, given as taskset's list, where it is not pinned to one already. */
export function pin(cores: string, report: (message: string) => void): void {
  if (availableParallelism() === 1) return;
  const { status } = spawnSync("taskset", ["--all-tasks", "--cpu-list", "--pid", cores, String(process.pid)]);
  if (status !== 0) report(`Not pinned to core ${cores}: the figures will vary more.`);
}
