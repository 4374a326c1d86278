// A real service for the tests of HTTP: the application on a socket, a real database in a folder of its own.
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import { expect } from "vitest";
import { readConfig } from "../../src/config.ts";
import { type Problem, problem } from "../../src/contract/problem.ts";
import { buildApp, type ConnectionTimes } from "../../src/http/app.ts";
import { JobChanges } from "../../src/jobs/changes.ts";
import { TrainerSupervisor } from "../../src/jobs/supervise-trainers.ts";
import { resolveTier } from "../../src/engine/kernels/tiers.ts";
import { Predictor } from "../../src/models/predict.ts";
import { startServer } from "../../src/serve.ts";
import { openDatabase, type Store } from "../../src/store/database.ts";
import { migrate } from "../../src/store/migrate.ts";

export interface Answer<Body = unknown> {
  status: number;
  headers: Headers;
  body: Body;
  text: string;
}

/** `json` is sent as JSON; `body` as it is, with no content type unless `headers` has one. */
export interface Message {
  json?: unknown;
  body?: RequestInit["body"];
  headers?: Record<string, string>;
}

export type Call = <Body>(method: string, path: string, message?: Message) => Promise<Answer<Body>>;

export interface Service {
  url: string;
  call: Call;
  /** Files of the work folder, tables left out: nothing may stay here after a request. */
  workFiles: () => Promise<string[]>;
  stop: () => Promise<void>;
}

/** The application without trainers: what it stores stays queued. The store is open for the tests to write history. */
export interface Application extends Service {
  app: FastifyInstance;
  store: Store;
  changes: JobChanges;
}

/** The whole server with one trainer, for jobs that must end. */
export async function startTraining(): Promise<Service> {
  const folder = await newFolder();
  const server = await startServer(configOf(folder, { DELTARULE_TRAINERS: "1" }));
  const stop = async () => {
    await server.stop("the test is over");
    await rm(folder, { recursive: true, force: true });
  };
  return { ...serviceAt(server.url, folder), stop };
}

export async function startApplication(
  environment: Record<string, string> = {},
  times?: Partial<ConnectionTimes>,
): Promise<Application> {
  const folder = await newFolder();
  const config = configOf(folder, { DELTARULE_TRAINERS: "0", ...environment });
  const store = openDatabase(config.database);
  await migrate(store);
  const changes = new JobChanges();
  const command = { path: "", args: [], env: {} };
  const supervisor = new TrainerSupervisor({ store, changes, count: 0, command, log: () => {} });
  const predictor = new Predictor(store, () => resolveTier(config.kernels));
  const services = { config, store, changes, supervisor, predictor };
  const app = await buildApp(services, undefined, times);
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  const stop = async () => {
    await app.close();
    await store.destroy();
    await rm(folder, { recursive: true, force: true });
  };
  return { ...serviceAt(url, folder), app, store, changes, stop };
}

async function newFolder(): Promise<string> {
  return await mkdtemp(join(tmpdir(), "deltarule-http-"));
}

function configOf(folder: string, environment: Record<string, string>) {
  return readConfig({
    DELTARULE_PORT: "0",
    DELTARULE_DATABASE: join(folder, "test.db"),
    DELTARULE_LOG_LEVEL: "silent",
    ...environment,
  });
}

function serviceAt(url: string, folder: string): Pick<Service, "url" | "call" | "workFiles"> {
  return {
    url,
    call: async (method, path, { json, body, headers } = {}) => {
      const response = await fetch(`${url}${path}`, {
        method,
        redirect: "manual",
        ...(json === undefined ? {} : { body: JSON.stringify(json) }),
        ...(body === undefined ? {} : { body, duplex: "half" as const }),
        headers: { ...(json === undefined ? {} : { "content-type": "application/json" }), ...headers },
      });
      const text = await response.text();
      const isJson = response.headers.get("content-type")?.includes("json") === true && text !== "";
      return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text, text };
    },
    workFiles: async () => {
      const names = await readdir(join(folder, "test.db.cache"), { recursive: true }).catch(() => []);
      return names.filter((name) => !name.startsWith("tables") && name !== "uploads");
    },
  };
}

/** Uploads rows; gives the dataset's id. */
export async function uploadRows(service: Service, rows: readonly object[]): Promise<string> {
  const answer = await service.call<{ id: string }>("POST", "/v1/datasets", { json: { rows } });
  expectStatus(answer, 201);
  return answer.body.id;
}

/** Checks the status of an answer; when it is another one, shows what the answer says. */
export function expectStatus({ status, text }: Answer, expected: number): void {
  expect({ status, ...(status === expected ? {} : { text }) }).toEqual({ status: expected });
}

/** Checks that an answer is a whole problem of this status, and gives it back. */
export function expectProblem(answer: Answer, status: number): Problem {
  expectStatus(answer, status);
  expect(answer.headers.get("content-type")).toBe("application/problem+json; charset=utf-8");
  const parsed = problem.strict().parse(answer.body);
  expect(parsed.status).toBe(status);
  expect(parsed.request_id).toBe(answer.headers.get("x-request-id"));
  return parsed;
}
