// Bounds the memory of the ingest process as a whole: native code holds strings that neither V8 nor DuckDB count.
import { writeFileSync } from "node:fs";

/** Exit code of a process that was about to take more than it may. */
export const memoryExitCode = 82;
const checkedEveryMilliseconds = 50;

/** Ends the process when it holds more than `megabytes`, until the function given back is called. */
export function limitMemory(megabytes: number): () => void {
  const timer = setInterval(() => {
    if (process.memoryUsage.rss() > megabytes * 1024 * 1024) process.exit(memoryExitCode);
  }, checkedEveryMilliseconds).unref();
  return () => clearInterval(timer);
}

/** Where the machine itself has too little memory, the kernel is to end this process and not the server. Linux only. */
export function offerToEndFirst(): void {
  try {
    writeFileSync("/proc/self/oom_score_adj", "1000");
  } catch {
    // another operating system, or one that does not allow it
  }
}
