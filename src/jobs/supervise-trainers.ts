// Keeps the trainer processes alive, without sharing their fate: when one dies its jobs go on in the next.
import { type ChildProcess, fork } from "node:child_process";
import type { Readiness } from "../contract/health.ts";
import type { Store } from "../store/database.ts";
import { newId } from "../store/ids.ts";
import { leaseMs, type Rescue, rescueJobs } from "../store/leases.ts";
import type { FromTrainer, ToTrainer } from "../trainer/process-protocol.ts";
import type { JobChanges } from "./changes.ts";
import { createWakefulness } from "./wakefulness.ts";

export interface SupervisorOptions {
  store: Store;
  changes: JobChanges;
  count: number;
  /** The file and arguments that start a trainer; its id is added. */
  command: { path: string; args: readonly string[]; env: NodeJS.ProcessEnv };
  log: (level: "info" | "warn" | "error", message: string, details?: Record<string, unknown>) => void;
}

const firstRestartMs = 100;
const longestRestartMs = 5_000;
/** A trainer that lived this long starts its restart delays anew. */
const steadyMs = 60_000;
const stopPatienceMs = 8_000;
const watchEveryMs = leaseMs / 5;

interface Slot {
  trainerId: string;
  child: ChildProcess | undefined;
  state: "starting" | "ready" | "restarting";
  failures: number;
  startedAt: number;
  timer?: NodeJS.Timeout;
}

/**
 * The trainer processes of a server. It starts `count` of them, starts a dead one again (after a delay that doubles while
 * they die young), and puts the jobs of dead and silent trainers back in the queue. What trainers tell is passed on to
 * `changes`. Trainers that others started on the same database are left alone as long as they keep their leases.
 */
export class TrainerSupervisor {
  readonly #options: SupervisorOptions;
  readonly #slots: Slot[] = [];
  #kernels = "none";
  #stopping = false;
  #watch: NodeJS.Timeout | undefined;

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  /** Puts back what an earlier server left running, then starts the trainers. Call with the database owned. */
  async start(): Promise<void> {
    await this.#rescue({ kind: "restart" }, "the server was restarted");
    for (let i = 0; i < this.#options.count; i++) {
      const slot: Slot = { trainerId: "", child: undefined, state: "starting", failures: 0, startedAt: 0 };
      this.#slots.push(slot);
      this.#launch(slot);
    }
    const isAwake = createWakefulness({ expectedEveryMs: watchEveryMs, trustedAfterMs: leaseMs });
    this.#watch = setInterval(() => {
      if (isAwake(Date.now())) void this.#rescue({ kind: "expired" }, "its trainer fell silent");
    }, watchEveryMs);
    this.#watch.unref();
  }

  /** Tells the trainers to look into the database now. */
  wake(): void {
    for (const { child } of this.#slots) send(child, { kind: "wake" });
  }

  readiness(): Pick<Readiness, "trainers" | "kernels"> {
    return {
      kernels: this.#kernels,
      trainers: this.#slots.map(({ trainerId, child, state }) => ({ id: trainerId, pid: child?.pid ?? null, state })),
    };
  }

  /** Lets every trainer give its jobs back; one that does not end in time is killed. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#watch);
    await Promise.all(
      this.#slots.map(async ({ child, timer }) => {
        clearTimeout(timer);
        if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
        const exited = new Promise((resolve) => child.once("exit", resolve));
        const patience = setTimeout(() => child.kill("SIGKILL"), stopPatienceMs);
        send(child, { kind: "stop" });
        await exited;
        clearTimeout(patience);
      }),
    );
  }

  #launch(slot: Slot): void {
    const { path, args, env } = this.#options.command;
    slot.trainerId = newId("trainer");
    slot.startedAt = performance.now();
    slot.child = undefined;
    let child: ChildProcess;
    try {
      child = fork(path, [...args, slot.trainerId], { env, stdio: ["ignore", "inherit", "inherit", "ipc"] });
    } catch (error) {
      // Some reasons (no memory, among others) are thrown, others come as an event.
      this.#options.log("error", "cannot start a trainer", { trainer: slot.trainerId, error: String(error) });
      void this.#relaunch(slot, "it could not be started");
      return;
    }
    slot.child = child;
    child.on("message", (message: FromTrainer) => {
      if (message.kind === "job_changed") this.#options.changes.announce(message.jobId);
      if (message.kind === "ready") {
        slot.state = "ready";
        this.#kernels = message.kernels;
      }
    });
    child.on("error", (error) => {
      this.#options.log("error", "trouble with a trainer", { trainer: slot.trainerId, error: String(error) });
      // A process that could not be started (no memory, too many processes) has no end either.
      if (child.pid === undefined) void this.#relaunch(slot, "it could not be started");
    });
    child.once("exit", (code, signal) => {
      void this.#relaunch(slot, signal === null ? `exit code ${code}` : `signal ${signal}`);
    });
  }

  async #relaunch(slot: Slot, how: string): Promise<void> {
    if (this.#stopping) return;
    const { log } = this.#options;
    log("warn", "a trainer died", { trainer: slot.trainerId, how });
    slot.state = "restarting";
    slot.failures = performance.now() - slot.startedAt > steadyMs ? 1 : slot.failures + 1;
    await this.#rescue({ kind: "died", trainerId: slot.trainerId }, `its trainer died (${how})`);
    const delay = Math.min(longestRestartMs, firstRestartMs * 2 ** (slot.failures - 1));
    if (!this.#stopping) slot.timer = setTimeout(() => this.#launch(slot), delay);
  }

  async #rescue(rescue: Rescue, reason: string): Promise<void> {
    const { store, changes, log } = this.#options;
    try {
      const { requeued, abandoned, obeyed } = await rescueJobs(store, rescue, reason);
      const changed = [...requeued, ...abandoned, ...obeyed];
      for (const jobId of changed) changes.announce(jobId);
      if (changed.length > 0) log("warn", "jobs rescued", { requeued, abandoned, obeyed, reason });
      if (requeued.length > 0) this.wake();
    } catch (error) {
      log("error", "cannot rescue jobs", { error: String(error) });
    }
  }
}

function send(child: ChildProcess | undefined, message: ToTrainer): void {
  // A child that is just dying cannot be told; its end is handled where it is noticed.
  if (child?.connected === true) child.send(message, () => {});
}
