// Is the process alive, can it work, where to look.
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { liveness, readiness } from "../../contract/health.ts";
import { problem } from "../../contract/problem.ts";
import { DomainError, errorTitles } from "../../errors.ts";
import { countJobs } from "../../store/jobs.ts";
import { version } from "../../version.ts";
import type { Services } from "../app.ts";

export const healthRoutes: FastifyPluginAsyncZod<Services> = async (app, { store, supervisor }) => {
  app.get(
    "/livez",
    {
      schema: {
        tags: ["service"],
        operationId: "livez",
        summary: "The process answers",
        response: { 200: liveness, "4xx": problem },
      },
    },
    async () => ({ status: "ok" as const, version }),
  );

  app.get(
    "/readyz",
    {
      schema: {
        tags: ["service"],
        operationId: "readyz",
        summary: "The service can take work",
        response: { 200: readiness, "4xx": problem, 503: readiness },
      },
    },
    async (_request, reply) => {
      const { trainers, kernels } = supervisor.readiness();
      const ready = trainers.every((trainer) => trainer.state === "ready");
      if (!ready) reply.code(503);
      return {
        status: ready ? ("ready" as const) : ("not_ready" as const),
        kernels,
        trainers,
        jobs: await countJobs(store),
      };
    },
  );

  app.get("/", { schema: { hide: true } }, async (_request, reply) => reply.redirect("/docs"));

  app.get("/problems", { schema: { hide: true } }, async () => errorTitles);
  app.get("/problems/:code", { schema: { hide: true } }, async (request) => {
    const { code } = request.params as { code: string };
    const title = Object.entries(errorTitles).find(([known]) => known === code)?.[1];
    if (title === undefined) {
      throw new DomainError("not_found", `There is no problem "${code}".`, { hint: "GET /problems lists them all." });
    }
    return { code, title };
  });
};
