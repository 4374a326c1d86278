// The OpenAPI document: fresh, valid by Redocly's rules, and complete for whoever reads only it.
import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { documentPath, openApiDocument } from "../../scripts/write-openapi.ts";

interface Operation {
  operationId?: string;
  summary?: string;
  tags?: string[];
  parameters?: { in: string; name: string }[];
  requestBody?: { content: Record<string, { examples?: object; schema: { format?: string; type?: string } }> };
  responses: Record<string, { description: string; headers?: object; content?: Record<string, object> }>;
}

const text = await openApiDocument();
const document = JSON.parse(text) as {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object> };
};
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ call: `${method.toUpperCase()} ${path}`, operation })),
);

test("openapi/openapi.json is what the routes say; if not: npm run openapi", async () => {
  const committed = await readFile(documentPath, "utf8");
  // Compared as a whole: the difference of two such documents would fill the screen.
  expect(committed === text ? "fresh" : "stale: run npm run openapi and commit").toBe("fresh");
});

test("Redocly's recommended rules find no error and no warning", () => {
  const manifest = createRequire(import.meta.url).resolve("@redocly/cli/package.json");
  const answer = execFileSync(
    process.execPath,
    [join(dirname(manifest), "bin", "cli.js"), "lint", fileURLToPath(documentPath), "--format", "json"],
    {
      cwd: fileURLToPath(new URL("../..", import.meta.url)),
      env: { ...process.env, REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" },
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    },
  );
  expect(JSON.parse(answer)).toMatchObject({ totals: { errors: 0, warnings: 0, ignored: 0 }, problems: [] });
});

test("no two operations share an operationId", () => {
  const ids = operations.map(({ operation }) => operation.operationId);
  expect(new Set(ids).size).toBe(operations.length);
});

describe.each(operations)("$call", ({ operation }) => {
  test("has a name, a summary and one tag", () => {
    expect(operation.operationId).toMatch(/^[a-z][A-Za-z]+$/);
    // Summaries are shown as plain text.
    expect(operation.summary).toMatch(/^[^`*]{3,}$/);
    expect(operation.tags).toHaveLength(1);
  });

  test("answers its faults with problem details", () => {
    expect(operation.responses["4XX"]?.content).toEqual({
      "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } },
    });
  });

  test("says of each answer what it is", () => {
    for (const { description } of Object.values(operation.responses)) expect(description).not.toBe("Default Response");
  });

  test("shows an example of every body that is text", () => {
    const without = Object.entries(operation.requestBody?.content ?? {})
      .filter(([type, { schema }]) => schema.format !== "binary" && type !== "multipart/form-data")
      .filter(([, { examples }]) => Object.keys(examples ?? {}).length === 0);
    expect(without).toEqual([]);
  });
});

test("calls that create something take an Idempotency-Key and answer with Location", () => {
  const creating = operations.filter(({ operation }) => operation.responses["201"] ?? operation.responses["202"]);
  expect(creating.map(({ call }) => call)).toEqual(["POST /v1/datasets", "POST /v1/jobs"]);
  for (const { operation } of creating) {
    expect(operation.parameters).toContainEqual(expect.objectContaining({ in: "header", name: "Idempotency-Key" }));
    const created = operation.responses["201"] ?? operation.responses["202"];
    expect(created?.headers).toHaveProperty("location");
  }
});

test("every component is used", () => {
  const unused = Object.keys(document.components.schemas).filter((name) => !text.includes(`schemas/${name}"`));
  expect(unused).toEqual([]);
});
