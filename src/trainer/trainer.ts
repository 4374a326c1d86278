// The trainer's loop: claim a job when there is room, keep its lease, carry out what is asked of it, stop in order.
import { claimNextJob, renewEveryMs, renewLeases, requestedActions } from "../store/leases.ts";
import { RunningJob, type TrainerContext } from "./running-job.ts";

/** How soon a queued job or a cancel is noticed when nobody tells. */
const pollMs = 250;

/**
 * The main thread's part of a trainer process. It claims queued jobs up to its capacity, runs each in a thread of its own
 * (`RunningJob`), renews their leases, and carries out what people ask of them. Everything it needs to know is in the
 * database, which it polls; `wake` only makes it look sooner.
 */
export class Trainer {
  readonly #id: string;
  readonly #context: TrainerContext;
  readonly #capacity: number;
  /** By attempt: a job that was taken from a stalled trainer may come back to it while its earlier attempt is still here. */
  readonly #running = new Map<string, RunningJob>();
  #wakeUp: () => void = () => {};
  #woken = false;
  #stopping = false;
  #renewal: NodeJS.Timeout | undefined;
  #loop: Promise<void> = Promise.resolve();

  /** @param capacity jobs of one thread that run at once */
  constructor(id: string, context: TrainerContext, capacity: number) {
    this.#id = id;
    this.#context = context;
    this.#capacity = capacity;
  }

  start(): void {
    this.#renewal = setInterval(() => void this.#renew(), renewEveryMs);
    this.#loop = this.#work();
  }

  /** There may be something to do: a job was queued, or something was asked of a running one. */
  wake(): void {
    this.#woken = true;
    this.#wakeUp();
  }

  /** Gives every running job back to the queue with its checkpoint, then resolves. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.wake();
    await this.#loop;
    const jobs = [...this.#running.values()];
    for (const job of jobs) job.stop("shutdown");
    await Promise.all(jobs.map((job) => job.ended));
    clearInterval(this.#renewal);
  }

  async #work(): Promise<void> {
    while (!this.#stopping) {
      this.#woken = false;
      try {
        await this.#claimAll();
        await this.#obeyRequests();
      } catch (error) {
        this.#context.log("error", "cannot reach the database", { error: String(error) });
      }
      if (!this.#woken && !this.#stopping) await this.#sleep();
    }
  }

  async #claimAll(): Promise<void> {
    while (!this.#stopping) {
      const running = [...this.#running.values()];
      // A job of several threads counts as several; one that finds any room is begun, lest it wait for ever.
      if (running.reduce((sum, { threads }) => sum + threads, 0) >= this.#capacity) return;
      if (running.some((job) => job.alone)) return;
      const claim = await claimNextJob(this.#context.store, this.#id, running.length === 0);
      if (claim === undefined) return;
      const job = new RunningJob(this.#context, claim);
      this.#running.set(job.attemptToken, job);
      void job.ended.then(() => {
        this.#running.delete(job.attemptToken);
        this.wake();
      });
      this.#context.announce(job.id);
      void job.start();
    }
  }

  async #obeyRequests(): Promise<void> {
    for (const { attempt_token, requested_action } of await requestedActions(this.#context.store, this.#tokens())) {
      if (requested_action !== null) this.#running.get(attempt_token!)?.stop(requested_action);
    }
  }

  /** Here, in the main thread, and never in a training thread: a busy step must not look like a dead trainer. */
  async #renew(): Promise<void> {
    const jobs = [...this.#running.values()];
    try {
      const held = new Set((await renewLeases(this.#context.store, this.#tokens())).map((job) => job.attempt_token));
      for (const job of jobs) {
        if (held.has(job.attemptToken) || !this.#running.has(job.attemptToken)) continue;
        this.#context.log("warn", "lost the lease", { job: job.id });
        job.abandon();
      }
    } catch (error) {
      this.#context.log("error", "cannot renew leases", { error: String(error) });
    }
  }

  #tokens(): string[] {
    return [...this.#running.keys()];
  }

  async #sleep(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, pollMs);
      this.#wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
