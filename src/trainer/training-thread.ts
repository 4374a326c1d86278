// A training thread: runs one job and posts what happens. Never opens the database.
import { parentPort, workerData } from "node:worker_threads";
import { EngineError } from "../engine/engine-error.ts";
import { DomainError } from "../errors.ts";
import { runTraining } from "./run-training.ts";
import type { ThreadMessage, TrainingInput } from "./thread-protocol.ts";

const port = parentPort!;

try {
  runTraining(
    workerData as TrainingInput,
    (message, transfer) => port.postMessage(message, transfer ?? []),
    () => performance.now(),
  );
} catch (error) {
  // Everything else is a defect or a lack of memory: it ends the thread, and the trainer says so.
  if (!(error instanceof EngineError) && !(error instanceof DomainError)) throw error;
  const hint = error instanceof DomainError ? (error.hint ?? null) : (error.details.hint ?? null);
  port.postMessage({
    kind: "failed",
    error: { code: error.code, message: error.message, hint },
  } satisfies ThreadMessage);
}
