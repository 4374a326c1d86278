// The server process: everything it starts, in order, and how it stops, in reverse.
import { fileURLToPath } from "node:url";
import pino from "pino";
import type { Config } from "./config.ts";
import { buildApp } from "./http/app.ts";
import { JobChanges } from "./jobs/changes.ts";
import { TrainerSupervisor } from "./jobs/supervise-trainers.ts";
import { Predictor } from "./models/predict.ts";
import { deleteUnreferencedBlobs } from "./store/blobs.ts";
import { inTransaction, openDatabase, type Store } from "./store/database.ts";
import { deleteExpiredIdempotency } from "./store/idempotency.ts";
import { migrate } from "./store/migrate.ts";
import { takeOwnership } from "./store/owner.ts";
import { clearLeftovers, workFolderOf } from "./store/table-cache.ts";
import { widenVectors } from "./vector-width.ts";

export interface RunningServer {
  url: string;
  /** Resolves when everything has stopped in order. */
  stop: (reason: string) => Promise<void>;
}

const housekeepingMs = 60 * 60_000;
const stopPatienceMs = 10_000;

/** Starts the server and stays until SIGTERM or SIGINT. */
export async function serve(config: Config): Promise<void> {
  const server = await startServer(config);
  console.log(`deltarule listens on ${server.url} (docs: ${server.url}/docs)`);
  const stopped = new Promise<void>((resolve) => {
    const stop = (signal: NodeJS.Signals) => {
      const patience = setTimeout(() => process.exit(1), stopPatienceMs);
      void server.stop(signal).then(() => {
        clearTimeout(patience);
        resolve();
      });
    };
    process.once("SIGTERM", stop);
    process.once("SIGINT", stop);
  });
  await stopped;
}

/**
 * Opens the database, takes it over from nobody or a dead server, starts trainers and listens.
 * @throws DomainError `database_in_use`
 */
export async function startServer(config: Config): Promise<RunningServer> {
  const wide = widenVectors(config.kernels);
  const log = pino({ level: config.logLevel, base: { process: "server" } });
  const store = openDatabase(config.database);
  const ownership = await takeOwnership(config.database, store).catch(async (error: unknown) => {
    await store.destroy();
    throw error;
  });
  try {
    await migrate(store);
    await ownership.announce(null);
    await clearLeftovers(workFolderOf(config.database));
    await keepHouse(store);

    const changes = new JobChanges();
    const supervisor = new TrainerSupervisor({
      store,
      changes,
      count: config.trainers,
      command: trainerCommand(config),
      log: (level, message, details) => log[level](details ?? {}, message),
    });
    const predictor = new Predictor(store, config.kernels, {
      wide,
      now: () => performance.now(),
      report: (message) => log.warn({ choice: config.kernels }, message),
    });
    const app = await buildApp({ config, store, changes, supervisor, predictor }, log);
    const url = await app.listen({ host: config.host, port: config.port });
    await ownership.announce(url);
    await supervisor.start();
    const housekeeping = setInterval(
      () => void keepHouse(store).catch((error: unknown) => log.error({ err: error }, "housekeeping failed")),
      housekeepingMs,
    );
    log.info({ url, database: config.database }, "server ready");

    const stop = async (reason: string) => {
      log.info({ reason }, "server stops");
      clearInterval(housekeeping);
      await app.close();
      await supervisor.stop();
      await store.destroy();
      ownership.release();
      log.info("server stopped");
    };
    return { url, stop };
  } catch (error) {
    await store.destroy();
    ownership.release();
    throw error;
  }
}

async function keepHouse(store: Store): Promise<void> {
  await deleteExpiredIdempotency(store);
  await inTransaction(store, (transaction) => deleteUnreferencedBlobs(transaction));
}

/** A trainer is this same program with another command, and the same configuration. */
function trainerCommand(config: Config) {
  const path = fileURLToPath(new URL(`./main${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url));
  const env = {
    ...process.env,
    DELTARULE_DATABASE: config.database,
    DELTARULE_TRAINING_THREADS: String(config.trainingThreads),
    DELTARULE_KERNELS: config.kernels,
    DELTARULE_LOG_LEVEL: config.logLevel,
  };
  return { path, args: ["trainer"], env };
}
