// The catalogue of architectures: what can be asked for, each with its JSON Schema and a runnable example.
import { z } from "zod";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { describeArchitecture } from "../../architectures/catalogue.ts";
import { architectureEntry, architectureList, architectureTypes } from "../../contract/architecture.ts";
import { problem } from "../../contract/problem.ts";
import type { Services } from "../app.ts";

export const architectureRoutes: FastifyPluginAsyncZod<Services> = async (app) => {
  app.get(
    "/v1/architectures",
    {
      schema: {
        tags: ["architectures"],
        operationId: "listArchitectures",
        summary: "What can be trained",
        response: { 200: architectureList, "4xx": problem },
      },
    },
    async () => ({ object: "list" as const, data: architectureTypes.map(describeArchitecture), has_more: false }),
  );

  app.get(
    "/v1/architectures/:type",
    {
      schema: {
        tags: ["architectures"],
        operationId: "getArchitecture",
        summary: "One architecture: JSON Schema, defaults, a runnable example",
        params: z.object({ type: z.enum(architectureTypes) }),
        response: { 200: architectureEntry, "4xx": problem },
      },
    },
    async (request) => describeArchitecture(request.params.type),
  );
};
