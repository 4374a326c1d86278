// The server process: everything it starts, in order, and how it stops, in reverse.
import { fileURLToPath } from "node:url";
import pino from "pino";
import type { Config } from "./config.ts";
import { DomainError } from "./errors.ts";
import { buildApp } from "./http/app.ts";
import { JobChanges } from "./jobs/changes.ts";
import { TrainerSupervisor } from "./jobs/supervise-trainers.ts";
import { Predictor } from "./models/predict.ts";
import { deleteUnreferencedBlobs } from "./store/blobs.ts";
import { inTransaction, openDatabase, releaseFreePages, type Store } from "./store/database.ts";
import { deleteExpiredIdempotency } from "./store/idempotency.ts";
import { migrate } from "./store/migrate.ts";
import { takeOwnership } from "./store/owner.ts";
import { clearLeftovers, workFolderOf } from "./store/table-cache.ts";
import { chooseKernels } from "./kernel-choice.ts";

export interface RunningServer {
  url: string;
  /** Resolves when everything has stopped in order. */
  stop: (reason: string) => Promise<void>;
}

const housekeepingMs = 60 * 60_000;
const stopPatienceMs = 10_000;
/** Requests that are not answered by then (a stalled upload) are cut. */
const answerPatienceMs = 5_000;

/** Starts the server and stays until SIGTERM or SIGINT. */
export async function serve(config: Config): Promise<void> {
  // Listened for before anything starts: a signal that comes early is obeyed as soon as there is something to stop.
  const asked = new Promise<NodeJS.Signals>((resolve) => {
    process.once("SIGTERM", resolve);
    process.once("SIGINT", resolve);
  });
  const server = await startServer(config);
  console.log(`deltarule listens on ${server.url} (docs: ${server.url}/docs)`);
  const signal = await asked;
  const patience = setTimeout(() => process.exit(1), stopPatienceMs);
  await server.stop(signal);
  clearTimeout(patience);
}

/**
 * Opens the database, takes it over from nobody or a dead server, starts trainers and listens.
 * @throws DomainError `database_in_use`
 */
export async function startServer(config: Config): Promise<RunningServer> {
  const log = pino({ level: config.logLevel, base: { process: "server" } });
  const store = openDatabase(config.database);
  const ownership = await takeOwnership(config.database, store).catch(async (error: unknown) => {
    await store.destroy();
    throw error;
  });
  const undo: (() => Promise<void> | void)[] = [() => ownership.release(), () => store.destroy()];
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
    await supervisor.start();
    undo.push(() => supervisor.stop());
    const { kernels } = config;
    const tier = chooseKernels(kernels, (level, message) => log[level]({ choice: kernels }, message));
    const predictor = new Predictor(store, () => tier);
    const app = await buildApp({ config, store, changes, supervisor, predictor }, log);
    undo.push(() => app.close());
    const url = await app.listen({ host: config.host, port: config.port });
    await ownership.announce(url);
    const housekeeping = setInterval(
      () => void keepHouse(store).catch((error: unknown) => log.error({ err: error }, "housekeeping failed")),
      housekeepingMs,
    );
    log.info({ url, database: config.database }, "server ready");

    const stop = async (reason: string) => {
      log.info({ reason }, "server stops");
      clearInterval(housekeeping);
      const stragglers = setTimeout(() => app.server.closeAllConnections(), answerPatienceMs);
      await Promise.all([app.close(), supervisor.stop()]);
      clearTimeout(stragglers);
      await store.destroy();
      ownership.release();
      log.info("server stopped");
    };
    return { url, stop };
  } catch (error) {
    for (const step of undo.toReversed()) await step();
    throw listenError(error, config);
  }
}

/** What a person can mend, in words; anything else as it is. */
function listenError(error: unknown, { host, port }: Config): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "EADDRINUSE") {
    return new DomainError("cannot_start", `Port ${port} of ${host} is taken.`, {
      hint: "Stop what listens there, or choose another with DELTARULE_PORT (0 takes a free one).",
    });
  }
  if (code === "EACCES" || code === "EADDRNOTAVAIL") {
    return new DomainError("cannot_start", `Cannot listen on ${host}, port ${port} (${code}).`, {
      hint: "Choose others with DELTARULE_HOST and DELTARULE_PORT.",
    });
  }
  return error;
}

async function keepHouse(store: Store): Promise<void> {
  await deleteExpiredIdempotency(store);
  await inTransaction(store, (transaction) => deleteUnreferencedBlobs(transaction));
  await releaseFreePages(store);
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
