// The OpenAPI 3.1 document, made from the routes' zod schemas, and its page at /docs.
import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import type { FastifyInstance } from "fastify";
import { jsonSchemaTransform, jsonSchemaTransformObject } from "fastify-type-provider-zod";
import { version } from "../../version.ts";

/** An example body: shown in the docs, and sent as it is by a test. */
export interface Example {
  summary: string;
  value: unknown;
}

declare module "fastify" {
  interface FastifyContextConfig {
    /** Example bodies by name; the first one fills the docs' "Try it out". */
    examples?: Record<string, Example>;
    /** For routes whose body is a stream: the whole requestBody object. */
    requestBody?: Record<string, unknown>;
  }
  interface FastifyInstance {
    knownRoutes: { method: string; url: string }[];
  }
}

interface Operation {
  requestBody?: { content?: Record<string, Record<string, unknown>> };
  responses?: Record<string, { description?: string; content?: Record<string, unknown> }>;
}

const tags = [
  { name: "jobs", description: "Train a network: submit, watch, cancel." },
  { name: "datasets", description: "Bring data; it is typed, checked and stored." },
  { name: "models", description: "Published networks, immutable version by version." },
  { name: "predictions", description: "Call a trained network." },
  { name: "architectures", description: "What can be trained." },
  { name: "service", description: "Is it alive, is it ready." },
];

export async function serveOpenApi(app: FastifyInstance): Promise<void> {
  const known: { method: string; url: string }[] = [];
  const extras = new Map<string, { examples?: Record<string, Example>; requestBody?: Record<string, unknown> }>();
  app.decorate("knownRoutes", known);
  app.addHook("onRoute", (route) => {
    for (const method of [route.method].flat()) {
      if (method === "HEAD" || method === "OPTIONS") continue;
      known.push({ method, url: route.url });
      const { examples, requestBody } = route.config ?? {};
      const path = route.url.replace(/:(\w+)(\([^)]*\))?/g, "{$1}");
      extras.set(`${method.toLowerCase()} ${path}`, {
        ...(examples && { examples }),
        ...(requestBody && { requestBody }),
      });
    }
  });

  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "deltarule",
        version,
        summary: "Training as a service",
        description:
          "POST a training job (architecture, dataset, hyperparameters), watch its loss curve, call the trained network. " +
          "Every error is an RFC 9457 problem with all faults at once.",
        license: { name: "MIT", identifier: "MIT" },
      },
      servers: [{ url: "/", description: "this server" }],
      tags,
    },
    transform: jsonSchemaTransform,
    transformObject: (document) => {
      const object = jsonSchemaTransformObject(document) as {
        paths?: Record<string, Record<string, Operation>>;
      };
      for (const [path, operations] of Object.entries(object.paths ?? {})) {
        for (const [method, operation] of Object.entries(operations)) {
          complete(operation, extras.get(`${method} ${path}`) ?? {});
        }
      }
      return object;
    },
  });
  await app.register(swaggerUi, {
    routePrefix: "/docs",
    uiConfig: { docExpansion: "list", tryItOutEnabled: true, deepLinking: true },
  });
  app.get("/openapi.json", { schema: { hide: true } }, async () => app.swagger());
}

/** Adds what zod schemas cannot say: example bodies, streamed bodies, the content type of problems. */
function complete(
  operation: Operation,
  extra: { examples?: Record<string, Example>; requestBody?: Record<string, unknown> },
): void {
  if (extra.requestBody !== undefined) operation.requestBody = extra.requestBody;
  const json = operation.requestBody?.content?.["application/json"];
  if (json !== undefined && extra.examples !== undefined) json["examples"] = extra.examples;
  for (const [status, response] of Object.entries(operation.responses ?? {})) {
    if (!/^[45]/.test(status) || response.content?.["application/json"] === undefined) continue;
    response.content = { "application/problem+json": response.content["application/json"] };
    response.description = "A problem: every fault found, each with what to do.";
  }
}
