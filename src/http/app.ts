// The HTTP application: plugins and routes wired by hand, apart from the process that listens.
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from "fastify";
import { serializerCompiler } from "fastify-type-provider-zod";
import { nearestName } from "../contract/strict-object.ts";
import type { Config } from "../config.ts";
import { DomainError } from "../errors.ts";
import type { JobChanges } from "../jobs/changes.ts";
import type { TrainerSupervisor } from "../jobs/supervise-trainers.ts";
import type { Predictor } from "../models/predict.ts";
import type { Store } from "../store/database.ts";
import { answerUnreadable } from "./connection-errors.ts";
import { serveEventStreams } from "./event-stream.ts";
import { readJsonBodies } from "./plugins/json-body.ts";
import { serveOpenApi } from "./plugins/openapi.ts";
import { useRequestIds } from "./plugins/request-id.ts";
import { type BodyPace, cutSlowBodies } from "./plugins/slow-bodies.ts";
import { problemContentType, toProblem } from "./problem.ts";
import { validateRequest } from "./request-validation.ts";
import { architectureRoutes } from "./routes/architectures.ts";
import { datasetRowRoutes } from "./routes/dataset-rows.ts";
import { datasetRoutes } from "./routes/datasets.ts";
import { healthRoutes } from "./routes/health.ts";
import { jobHistoryRoutes } from "./routes/job-history.ts";
import { jobRoutes } from "./routes/jobs.ts";
import { modelRoutes } from "./routes/models.ts";
import { predictionRoutes } from "./routes/predictions.ts";

export interface Services {
  config: Config;
  store: Store;
  changes: JobChanges;
  supervisor: TrainerSupervisor;
  predictor: Predictor;
}

declare module "fastify" {
  interface FastifyInstance {
    stopping: AbortSignal;
  }
}

/** How long a connection may take; Fastify's own default is no limit at all, and dribbled bytes would hold a socket for ever. */
export interface ConnectionTimes {
  requestTimeoutMs: number;
  headersTimeoutMs: number;
  /** How often Node looks for connections past their time. */
  checkEveryMs: number;
  /** Comments on quiet event streams, so that proxies do not close them. */
  heartbeatMs: number;
  bodyPace: BodyPace;
}

const connectionTimes: ConnectionTimes = {
  requestTimeoutMs: 30 * 60_000, // a large upload on a slow line
  headersTimeoutMs: 20_000,
  checkEveryMs: 2_000,
  heartbeatMs: 15_000,
  bodyPace: { graceMs: 20_000, bytesPerSecond: 1024, checkEveryMs: 2_000 },
};

const serverStops = new DomainError("shutting_down", "The server is stopping.", {
  hint: "Send the request again in a moment.",
});

/** Builds the application; the caller listens or injects. */
export async function buildApp(
  services: Services,
  logger?: FastifyBaseLogger,
  given: Partial<ConnectionTimes> = {},
): Promise<FastifyInstance> {
  const times = { ...connectionTimes, ...given };
  const app = Fastify({
    ...(logger === undefined ? { logger: false } : { loggerInstance: logger }),
    // One line per request would bury what matters; errors are always logged, the rest at level debug.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: services.config.bodyLimitBytes,
    requestTimeout: times.requestTimeoutMs,
    http: { headersTimeout: times.headersTimeoutMs, connectionsCheckingInterval: times.checkEveryMs },
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 200 },
    forceCloseConnections: "idle",
    frameworkErrors: (error, request, reply) => void answerProblem(error, request, reply),
    clientErrorHandler: answerUnreadable,
  });
  app.setValidatorCompiler(validateRequest);
  app.setSerializerCompiler(serializerCompiler);

  // Aborts when the server begins to stop, so that long polls answer at once.
  const stopping = new AbortController();
  app.decorate("stopping", stopping.signal);
  app.addHook("preClose", async () => stopping.abort(serverStops));

  useRequestIds(app);
  cutSlowBodies(app, times.bodyPace);
  readJsonBodies(app);
  await serveEventStreams(app, times.heartbeatMs);
  await serveOpenApi(app);

  app.addHook("onResponse", async (request, reply) => {
    request.log.debug(
      { method: request.method, url: request.url, status: reply.statusCode, ms: reply.elapsedTime },
      "answered",
    );
  });
  app.setErrorHandler(answerProblem);
  app.setNotFoundHandler(async (request, reply) => {
    const path = request.url.split("?")[0];
    const methods = methodsOf(app, path);
    if (methods.length === 0) throw unknownRoute(app, request.method, path);
    const allowed = methods.join(", ");
    void reply.header("allow", allowed);
    throw new DomainError("method_not_allowed", `${path} has no ${request.method}.`, { hint: `It has: ${allowed}.` });
  });

  await app.register(healthRoutes, services);
  await app.register(datasetRoutes, services);
  await app.register(datasetRowRoutes, services);
  await app.register(architectureRoutes, services);
  await app.register(jobRoutes, services);
  await app.register(jobHistoryRoutes, services);
  await app.register(modelRoutes, services);
  await app.register(predictionRoutes, services);
  return app;
}

async function answerProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const problem = toProblem(error, request.id);
  if (problem.status >= 500) request.log.error({ err: error, cause: (error as Error).cause }, "request failed");
  void reply.header("x-request-id", request.id);
  return await reply.code(problem.status).type(problemContentType).send(JSON.stringify(problem));
}

function methodsOf(app: FastifyInstance, path: string): string[] {
  return [...new Set(app.knownRoutes.filter(({ url }) => matches(url, path)).map(({ method }) => method))];
}

function unknownRoute(app: FastifyInstance, method: string, path: string): DomainError {
  const given = path.split("/");
  // "/v1/jobs/:id/loss.svg" as the caller would write it
  const filled = app.knownRoutes
    .filter(({ url }) => url.startsWith("/v1") && url.split("/").length === given.length)
    .map(({ url }) =>
      url
        .split("/")
        .map((part, i) => (part.startsWith(":") ? given[i] : part))
        .join("/"),
    );
  const near = nearestName(path, filled);
  const hint = `${near === undefined ? "" : `Did you mean ${near}? `}/docs lists every call.`;
  return new DomainError("not_found", `There is no ${method} ${path}.`, { hint });
}

/** Whether `path` has the form of the route `pattern` ("/v1/jobs/:id"). */
function matches(pattern: string, path: string): boolean {
  const expected = pattern.split("/");
  const got = path.replace(/\/$/, "").split("/");
  return expected.length === got.length && expected.every((part, i) => part.startsWith(":") || part === got[i]);
}
