// The OpenAPI 3.1 document, made from the routes' zod schemas, and its page at /docs.
import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import type { FastifyInstance } from "fastify";
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from "fastify-type-provider-zod";
import { version } from "../../version.ts";

/** An example body: shown in the docs, and sent as it is by a test. */
export interface Example {
  summary: string;
  value: unknown;
}

/** What the document says of a route beyond its zod schemas. */
interface RouteNotes {
  /** Example bodies by name; the first one fills the docs' "Try it out". */
  examples?: Record<string, Example>;
  /** For routes whose body is a stream: the whole requestBody object. */
  requestBody?: Record<string, unknown>;
  /** Other content types of the answer 200, each with an example. */
  alsoAnswers?: Record<string, string>;
  /** The call takes an Idempotency-Key and names what it created. */
  creates?: boolean;
}

declare module "fastify" {
  interface FastifyContextConfig extends RouteNotes {}
  interface FastifyInstance {
    knownRoutes: { method: string; url: string }[];
  }
}

interface Operation {
  parameters?: unknown[];
  requestBody?: { content?: Record<string, Record<string, unknown>> };
  responses?: Record<string, Response>;
}

interface Response {
  description?: string;
  headers?: Record<string, unknown>;
  content?: Record<string, unknown>;
}

const descriptions: Record<string, string> = {
  "200": "The answer.",
  "201": "Created; `Location` says where.",
  "202": "Accepted; `Location` says where to look.",
  "204": "Done; there is nothing to say.",
  "503": "Not now.",
};

const idempotencyKey = {
  in: "header",
  name: "Idempotency-Key",
  required: false,
  schema: { type: "string", minLength: 1, maxLength: 257 },
  // No example: the docs would fill it in, and the second try would be refused as the first one's replay.
  description:
    "The same key within 24 hours gets the first answer again instead of a second resource. A new UUID for each intent.",
};

const tags = [
  { name: "jobs", description: "Train a network: submit, watch, cancel." },
  { name: "datasets", description: "Bring data; it is typed, checked and stored." },
  { name: "models", description: "Published networks, immutable version by version." },
  { name: "predictions", description: "Call a trained network." },
  { name: "architectures", description: "What can be trained." },
  { name: "service", description: "Is it alive, is it ready." },
];

/** zod states the bounds of safe integers of every integer: true, but noise. */
const zodToJsonConfig = {
  override: ({ jsonSchema }: { jsonSchema: { minimum?: number; maximum?: number } }) => {
    if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
    if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  },
};
const transform = createJsonSchemaTransform({ zodToJsonConfig });
const transformAll = createJsonSchemaTransformObject({ zodToJsonConfig });

export async function serveOpenApi(app: FastifyInstance): Promise<void> {
  const known: { method: string; url: string }[] = [];
  const notes = new Map<string, RouteNotes>();
  app.decorate("knownRoutes", known);
  app.addHook("onRoute", (route) => {
    for (const method of [route.method].flat()) {
      if (method === "HEAD" || method === "OPTIONS") continue;
      known.push({ method, url: route.url });
      const path = route.url.replace(/:(\w+)(\([^)]*\))?/g, "{$1}");
      notes.set(`${method.toLowerCase()} ${path}`, route.config ?? {});
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
      security: [],
      tags,
    },
    transform,
    transformObject: (document) => {
      const object = transformAll(document) as {
        paths?: Record<string, Record<string, Operation>>;
        components: { schemas: Record<string, unknown> };
      };
      for (const [path, operations] of Object.entries(object.paths ?? {})) {
        for (const [method, operation] of Object.entries(operations)) {
          complete(operation, notes.get(`${method} ${path}`) ?? {});
        }
      }
      object.components.schemas = onlyUsed(object.components.schemas, object.paths);
      return object;
    },
  });
  await app.register(swaggerUi, {
    routePrefix: "/docs",
    uiConfig: { docExpansion: "list", tryItOutEnabled: true, deepLinking: true },
    theme: {
      title: "deltarule",
      // The bar holds a foreign logo and a field for other documents.
      css: [{ filename: "bar.css", content: ".swagger-ui .topbar { display: none }" }],
    },
  });
  app.get("/openapi.json", { schema: { hide: true } }, async () => app.swagger());
}

/** Adds what zod schemas cannot say: example bodies, streamed bodies, other answers, the content type of problems. */
function complete(operation: Operation, { examples, requestBody, alsoAnswers, creates }: RouteNotes): void {
  if (requestBody !== undefined) operation.requestBody = requestBody;
  const json = operation.requestBody?.content?.["application/json"];
  if (json !== undefined && examples !== undefined) json["examples"] = examples;
  if (creates === true) operation.parameters = [...(operation.parameters ?? []), idempotencyKey];
  for (const [status, response] of Object.entries(operation.responses ?? {})) {
    if (response.description === "Default Response") response.description = descriptions[status] ?? "An answer.";
    if (creates === true && status.startsWith("2")) {
      response.headers = { location: { schema: { type: "string" }, description: "Path of what was created." } };
    }
    if (status === "200" && alsoAnswers !== undefined) {
      for (const [type, example] of Object.entries(alsoAnswers)) {
        response.content = { ...response.content, [type]: { schema: { type: "string" }, example } };
      }
    }
    if (!status.startsWith("4") || response.content?.["application/json"] === undefined) continue;
    response.content = { "application/problem+json": response.content["application/json"] };
    response.description = "A problem: every fault found, each with what to do.";
  }
}

/** Every zod schema with an id is offered twice, as it is read and as it is written; most need only one of them. */
function onlyUsed(schemas: Record<string, unknown>, paths: unknown): Record<string, unknown> {
  const used = new Set<string>();
  const follow = (value: unknown): void => {
    for (const [, name] of JSON.stringify(value).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      if (used.has(name)) continue;
      used.add(name);
      follow(schemas[name]);
    }
  };
  follow(paths);
  return Object.fromEntries(Object.entries(schemas).filter(([name]) => used.has(name)));
}
