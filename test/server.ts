// The real server for tests: as a child process that may be killed, or inside the test's own process when that is enough.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type Config, readConfig } from "../src/config.ts";
import type { Readiness } from "../src/contract/health.ts";
import { startServer } from "../src/serve.ts";

const commandPath = fileURLToPath(new URL("../bin/deltarule.js", import.meta.url));

export interface Answer<Body> {
  status: number;
  headers: Headers;
  body: Body;
}

/** Sends one request. Objects go as JSON; a JSON answer comes back parsed, any other as text. */
export async function send<Body = any>(
  url: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer<Body>> {
  const json = body !== undefined && typeof body !== "string";
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { ...(json ? { "content-type": "application/json" } : {}), ...headers },
    ...(body === undefined ? {} : { body: json ? JSON.stringify(body) : body }),
  });
  const text = await response.text();
  const isJson = /\bjson\b/.test(response.headers.get("content-type") ?? "");
  return { status: response.status, headers: response.headers, body: (isJson ? JSON.parse(text) : text) as Body };
}

/** Asks again until `probe` gives something, at most `withinMs`. For conditions that nothing announces. */
export async function eventually<Found>(
  what: string,
  probe: () => Promise<Found | undefined | false>,
  withinMs = 60_000,
): Promise<Found> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const found = await probe();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Whether a process with this id exists. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** A folder of its own for a database; remove it with the function that comes with it. */
export function temporaryDatabase(): { path: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), "deltarule-test-"));
  return { path: join(folder, "test.db"), remove: () => rmSync(folder, { recursive: true, force: true }) };
}

export interface ServerOptions {
  /** An existing database; default: a new one, removed by `end`. */
  database?: string;
  trainers?: number;
  trainingThreads?: number;
  /** Default: reference, on whose speed the durations of the long jobs rest. */
  kernels?: "auto" | "fma" | "simd128" | "reference";
}

function environmentOf(database: string, options: ServerOptions) {
  const { trainers = 1, trainingThreads = 2, kernels = "reference" } = options;
  return {
    DELTARULE_DATABASE: database,
    DELTARULE_PORT: "0",
    DELTARULE_TRAINERS: String(trainers),
    DELTARULE_TRAINING_THREADS: String(trainingThreads),
    DELTARULE_KERNELS: kernels,
    DELTARULE_LOG_LEVEL: "silent",
  };
}

/** `deltarule serve` as a child process. Its trainers are its own children, known by their ids from /readyz. */
export class ServerProcess {
  url = "";
  readonly database: string;
  readonly #options: ServerOptions;
  readonly #removeDatabase: () => void;
  #child: ChildProcess | undefined;
  #exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }> = Promise.resolve({ code: 0, signal: null });
  readonly #trainerPids = new Set<number>();

  constructor(options: ServerOptions = {}) {
    const { path, remove } = options.database === undefined ? temporaryDatabase() : borrowed(options.database);
    this.database = path;
    this.#removeDatabase = remove;
    this.#options = options;
  }

  get pid(): number {
    return this.#child!.pid!;
  }

  /** Starts (again) on the same database; resolves when it listens. Throws with what it wrote when it ends instead. */
  async start(): Promise<this> {
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("DELTARULE_"));
    const child = spawn(process.execPath, [commandPath, "serve"], {
      env: { ...Object.fromEntries(inherited), ...environmentOf(this.database, this.#options) },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    this.#exited = new Promise((resolve) => child.once("exit", (code, signal) => resolve({ code, signal })));
    let written = "";
    child.stderr.on("data", (part: Buffer) => (written += part.toString()));
    const address = new Promise<string>((resolve) => {
      createInterface({ input: child.stdout }).on("line", (line) => {
        const url = /deltarule listens on (\S+)/.exec(line)?.[1];
        if (url !== undefined) resolve(url);
      });
    });
    const closed = new Promise<never>((_resolve, reject) => {
      child.once("close", (code) => reject(new Error(`the server ended with ${code}: ${written}`)));
    });
    closed.catch(() => {});
    this.url = await Promise.race([address, closed]);
    return this;
  }

  async api<Body = any>(method: string, path: string, body?: unknown, headers?: Record<string, string>) {
    return await send<Body>(this.url, method, path, body, headers);
  }

  /** Sends the signal to the server alone and waits for its end. */
  async kill(signal: NodeJS.Signals): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
    this.#child!.kill(signal);
    return await this.#exited;
  }

  /** The pid of a trainer that is ready and is not `except`, when there is one. */
  async trainerPid(except?: number): Promise<number> {
    return await eventually("a trainer is ready", async () => {
      const trainers = await this.#noteTrainers();
      return trainers.find(({ state, pid }) => state === "ready" && pid !== except)?.pid ?? undefined;
    });
  }

  async #noteTrainers(): Promise<Readiness["trainers"]> {
    const { trainers } = (await this.api<Readiness>("GET", "/readyz")).body;
    for (const { pid } of trainers) if (pid !== null) this.#trainerPids.add(pid);
    return trainers;
  }

  /** Ends everything that was started, whatever state it is in. */
  async end(): Promise<void> {
    const child = this.#child;
    if (child !== undefined && child.exitCode === null && child.signalCode === null) {
      await this.#noteTrainers().catch(() => {});
      await this.kill("SIGKILL");
    }
    for (const pid of this.#trainerPids) if (isAlive(pid)) process.kill(pid, "SIGKILL");
    this.#removeDatabase();
  }
}

export interface RunningServer {
  url: string;
  config: Config;
  api<Body = any>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer<Body>>;
  stop(): Promise<void>;
}

/** The same server inside this process (its trainers are processes all the same): starts faster, cannot be killed. */
export async function startTemporaryServer(
  options: ServerOptions = {},
  environment: Record<string, string> = {},
): Promise<RunningServer> {
  const { path, remove } = options.database === undefined ? temporaryDatabase() : borrowed(options.database);
  const config = readConfig({ ...environmentOf(path, options), ...environment });
  const server = await startServer(config);
  return {
    url: server.url,
    config,
    api: (method, requestPath, body, headers) => send(server.url, method, requestPath, body, headers),
    stop: async () => {
      await server.stop("end of the test");
      remove();
    },
  };
}

function borrowed(path: string) {
  return { path, remove: () => {} };
}
