// Runs commands in ingest processes: in one of its own each, or, small ones, in a few that are kept.
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { memoryExitCode } from "./memory-limit.ts";
import type { Answer, Command, IngestLimits } from "./ingest-protocol.ts";

/** The process runs as .ts from the sources and as .js from the build, whichever this file is. */
const processPath = fileURLToPath(import.meta.url.replace(/run-command\.(ts|js)$/, "ingest-process.$1"));
const standardErrorKept = 4000;
/** A kept process ends after so many commands, whatever it may have gathered, or when nobody needs it for so long. */
const commandsKept = 500;
const idleMilliseconds = 30_000;

/** Runs one command in a process of its own; resolves only after its process has ended, so that its files can be removed. */
export async function runAlone(
  command: Command,
  limits: IngestLimits,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  const process = new IngestProcess(limits);
  try {
    return await process.run(command, limits, signal);
  } finally {
    await process.end();
  }
}

/**
 * Gives a function that runs commands in processes that are kept, at most `count` at once: their starts are saved. A process
 * takes one command after the other; what ends it costs one command, the next gets a new process.
 */
export function inKeptProcesses(count: number): typeof runAlone {
  const enter = gate(count);
  const idle: IngestProcess[] = [];
  return async (command, limits, signal) => {
    const leave = await enter();
    try {
      signal?.throwIfAborted();
      let process = idle.pop();
      while (process?.hasEnded === true) process = idle.pop();
      process ??= new IngestProcess(limits);
      try {
        return await process.run(command, limits, signal);
      } finally {
        if (process.commands >= commandsKept || process.hasEnded) await process.end();
        else {
          idle.push(process);
          process.endWhenIdle(idleMilliseconds);
        }
      }
    } finally {
      leave();
    }
  };
}

/** Lets `count` callers in at once, in their order: `await enter()` gives the function that makes room again. */
export function gate(count: number): () => Promise<() => void> {
  let free = count;
  const waiting: (() => void)[] = [];
  const leave = () => {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next();
  };
  return async () => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    return leave;
  };
}

/** One child process. It takes one command at a time. */
class IngestProcess {
  commands = 0;
  hasEnded = false;
  readonly #child: ChildProcess;
  readonly #closed: Promise<string>;
  #standardError = "";
  #idle: NodeJS.Timeout | undefined;

  constructor({ heapMegabytes }: IngestLimits) {
    const { NODE_COMPILE_CACHE } = process.env; // where this process keeps its compiled sources, if it does
    const child = fork(processPath, [], {
      execArgv: [`--max-old-space-size=${heapMegabytes}`, "--disable-warning=ExperimentalWarning"],
      env: { NODE_COMPILE_CACHE }, // it needs nothing else, and must not see API keys
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      serialization: "advanced", // pictures and sounds come back as bytes
    });
    this.#child = child;
    child
      .stderr!.setEncoding("utf8")
      .on("data", (text: string) => (this.#standardError = (this.#standardError + text).slice(-standardErrorKept)));
    child.once("error", (error) => (this.#standardError += error.message));
    this.#closed = new Promise((resolve) => {
      child.once("close", (code, killedBy) => {
        this.hasEnded = true;
        resolve(killedBy ?? exitText(code));
      });
    });
  }

  /** Throws the reason of `signal` when that ends it. */
  async run(command: Command, limits: IngestLimits, signal: AbortSignal | undefined): Promise<Answer> {
    clearTimeout(this.#idle);
    this.#child.ref();
    this.#child.channel?.ref();
    this.commands += 1;
    let timedOut = false;
    const kill = () => void this.#child.kill("SIGKILL");
    const timer = setTimeout(() => {
      timedOut = true;
      kill();
    }, limits.seconds * 1000);
    signal?.addEventListener("abort", kill, { once: true });
    let take: ((message: unknown) => void) | undefined;
    const answered = new Promise<Answer>((resolve) => {
      take = (message) => resolve(message as Answer);
      this.#child.once("message", take);
    });
    this.#child.send(command, () => {}); // a failed send shows as an end without answer
    try {
      const answer = await Promise.race([answered, this.#closed]);
      if (signal?.aborted === true) {
        await this.#closed;
        throw signal.reason;
      }
      return typeof answer === "string" ? endWithoutAnswer(timedOut, limits, this.#standardError, answer) : answer;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", kill);
      this.#child.removeListener("message", take!);
    }
  }

  /** Ends it after a while without a command; meanwhile it keeps nobody else alive. */
  endWhenIdle(milliseconds: number): void {
    this.#idle = setTimeout(() => void this.end(), milliseconds).unref();
    this.#child.unref();
    this.#child.channel?.unref();
  }

  /** Resolves when the process is gone. */
  async end(): Promise<void> {
    clearTimeout(this.#idle);
    this.#child.ref();
    this.#child.kill("SIGKILL"); // it has answered, and holds nothing
    await this.#closed;
  }
}

const exitText = (code: number | null) => `exit code ${code}`;

function endWithoutAnswer(timedOut: boolean, limits: IngestLimits, standardError: string, end: string): Answer {
  const failed = (message: string, hint: string): Answer => ({
    kind: "failed",
    code: "invalid_dataset",
    message,
    hint,
  });
  if (timedOut)
    return failed(
      `Reading the data took longer than ${limits.seconds} s and was stopped.`,
      "Send fewer rows, or Parquet.",
    );
  const hint = "Send fewer rows, shorter texts, or CSV, NDJSON or Parquet instead of one JSON array.";
  if (/heap out of memory|Allocation failed/i.test(standardError))
    return failed(`Reading the data needs more memory than the ${limits.heapMegabytes} MiB allowed.`, hint);
  if (end === exitText(memoryExitCode))
    return failed(`Reading the data needs more memory than the ${limits.residentMegabytes} MiB allowed.`, hint);
  return failed(
    `The process that reads the data ended unexpectedly (${end}).`,
    "Check that the file is complete and really of this format; smaller files need less memory.",
  );
}
