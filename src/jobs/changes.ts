// Wakes whoever waits for news of a job. Only a hint: the truth is in the database, which waiters also poll.
import { EventEmitter, once } from "node:events";

export class JobChanges {
  readonly #emitter = new EventEmitter().setMaxListeners(0);
  #count = 0;

  /** How many changes were announced so far. Read it before reading the database, then give it to `next`. */
  get count(): number {
    return this.#count;
  }

  announce(jobId: string): void {
    this.#count++;
    this.#emitter.emit(jobId);
  }

  /** Resolves at once when anything was announced after `count`, else at the job's next news, after `timeoutMs`, or on abort. */
  async next(jobId: string, count: number, timeoutMs: number, signal?: AbortSignal): Promise<void> {
    if (count !== this.#count) return;
    const stops = [AbortSignal.timeout(Math.ceil(timeoutMs)), ...(signal === undefined ? [] : [signal])];
    await once(this.#emitter, jobId, { signal: AbortSignal.any(stops) }).catch(() => {});
  }
}
