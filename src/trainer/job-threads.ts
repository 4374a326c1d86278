// The threads of one job: the one that trains, and those that compute parts of its batches. They end together, and the death
// of one is told: the others would wait for it for ever.
import { Worker } from "node:worker_threads";
import { buffersOf } from "../datasets/table.ts";
import type { FollowerInput, ThreadMessage, TrainingInput } from "./thread-protocol.ts";

/** What the training thread says to the job. */
export type JobMessage = Exclude<ThreadMessage, { kind: "followers_wanted" }>;

export interface ThreadEvents {
  message: (message: JobMessage) => void;
  /** An exception that a thread did not catch. */
  error: (error: unknown) => void;
  /** A thread came to its end by itself: the training thread after its last message, another one for no good reason. */
  exit: (code: number) => void;
}

export class JobThreads {
  readonly #name: string;
  readonly #events: ThreadEvents;
  readonly #threads: Worker[] = [];
  readonly #exits: Promise<unknown>[] = [];
  #ended = false;

  /** @param leading the thread that trains */
  constructor(name: string, input: TrainingInput, events: ThreadEvents, leading = fileOf("training-thread")) {
    this.#name = name;
    this.#events = events;
    this.#start(leading, input, buffersOf(input.table));
  }

  /** Ends all threads, wherever they are; resolves when they have. */
  async end(): Promise<void> {
    this.#ended = true;
    for (const thread of this.#threads) void thread.terminate();
    await Promise.all(this.#exits);
  }

  #start(file: URL, workerData: unknown, transferList: ArrayBuffer[] = []): void {
    const thread = new Worker(file, { name: this.#name, workerData, transferList });
    this.#threads.push(thread);
    thread.on("message", (message: ThreadMessage) => {
      if (message.kind === "followers_wanted") this.#startFollowers(message.count, message.follower);
      else this.#events.message(message);
    });
    thread.on("error", (error) => this.#events.error(error));
    this.#exits.push(new Promise((resolve) => thread.once("exit", resolve)));
    thread.once("exit", (code) => this.#events.exit(code));
  }

  /** From here and not from the training thread, which hears nothing while it trains. */
  #startFollowers(count: number, follower: FollowerInput): void {
    if (this.#ended) return;
    for (let thread = 1; thread <= count; thread++) this.#start(fileOf("following-thread"), { ...follower, thread });
  }
}

function fileOf(thread: string): URL {
  return new URL(`./${thread}${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url);
}
