// The trainer process: `deltarule trainer`, alone or as a child of the server.
import pino from "pino";
import type { Config } from "../config.ts";
import { workFolderOf } from "../store/table-cache.ts";
import { openDatabase } from "../store/database.ts";
import { newId } from "../store/ids.ts";
import { chooseKernels } from "../kernel-choice.ts";
import type { FromTrainer, ToTrainer } from "./process-protocol.ts";
import { Trainer } from "./trainer.ts";

/**
 * `trainerId` is given by the server that keeps this trainer.
 * Runs until it is told to stop (SIGTERM, SIGINT, a message, or the end of the server that started it).
 */
export async function runTrainer(config: Config, trainerId: string = newId("standalone")): Promise<void> {
  const log = pino({ level: config.logLevel, base: { process: "trainer", trainer: trainerId } });
  const store = openDatabase(config.database);
  const kernels = chooseKernels(config.kernels, (level, message) => log[level]({ choice: config.kernels }, message));
  const tell = (message: FromTrainer) => {
    if (process.connected) process.send!(message);
  };
  const trainer = new Trainer(
    trainerId,
    {
      store,
      workFolder: workFolderOf(config.database),
      kernels,
      announce: (jobId) => tell({ kind: "job_changed", jobId }),
      log: (level, message, details) => log[level](details ?? {}, message),
    },
    config.trainingThreads,
  );

  const stopRequested = new Promise<string>((resolve) => {
    process.once("SIGTERM", () => resolve("SIGTERM"));
    process.on("SIGINT", () => resolve("SIGINT"));
    // The server is gone, in whatever way: another one may already hold the database.
    process.once("disconnect", () => resolve("the server ended"));
    process.on("message", (message: ToTrainer) => {
      if (message.kind === "wake") trainer.wake();
      if (message.kind === "stop") resolve("the server stops");
    });
  });
  trainer.start();
  tell({ kind: "ready", kernels: kernels.name });
  log.info({ kernels }, "trainer ready");

  const reason = await stopRequested;
  log.info({ reason }, "trainer stops");
  await trainer.stop();
  await store.destroy();
  process.removeAllListeners("message");
  if (process.connected) process.disconnect();
}
