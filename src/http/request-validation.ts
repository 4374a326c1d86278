// zod's issues → faults: every one of them, each with what was got and what to do.
import type { FastifySchemaCompiler } from "fastify";
import type { z } from "zod";
import { suggestName } from "../contract/strict-object.ts";
import { DomainError, type Fault } from "../errors.ts";

type Issue = z.core.$ZodIssue;

type Pointer = (path: readonly PropertyKey[]) => string;

const jsonPointer: Pointer = (path) =>
  path.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");

/** Where a part of the request is pointed at: bodies by JSON Pointer, the rest by its own notation. */
const pointers: Record<string, Pointer> = {
  body: jsonPointer,
  querystring: (path) => `?${path.map(String).join(".")}`,
  params: (path) => `{${path.map(String).join(".")}}`,
  headers: (path) => `header ${path.map(String).join(".")}`,
};

/** Fastify's validator: parses with the route's zod schema. */
export const validateRequest: FastifySchemaCompiler<z.ZodType> = ({ schema, httpPart }) => {
  const part = httpPart ?? "body";
  return (data: unknown) => {
    const result = schema.safeParse(data ?? (part === "body" ? undefined : {}));
    if (result.success) return { value: result.data };
    const faults = result.error.issues.flatMap((issue) => toFaults(issue, data, pointers[part] ?? jsonPointer));
    const message = faults.length === 1 ? faults[0].detail : `${faults.length} things are wrong with this request.`;
    return { error: new DomainError("invalid_request", message, { faults }) };
  };
};

/** The faults of a value that stands at `pointer` in the body. */
export function faultsOf(error: z.ZodError, value: unknown, pointer: string): Fault[] {
  return error.issues.flatMap((issue) => toFaults(issue, value, (path) => pointer + jsonPointer(path)));
}

function toFaults(issue: Issue, data: unknown, pointer: Pointer): Fault[] {
  const at = pointer(issue.path);
  const got = describe(valueAt(data, issue.path));
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => {
        const known = knownNames(issue.message);
        return {
          pointer: pointer([...issue.path, key]),
          code: "unknown_field",
          detail: `Unknown field "${key}".`,
          hint: suggestName(key, known),
        };
      });
    case "invalid_type": {
      if (got === "nothing") return [fault(at, "required", `A field is missing: ${issue.expected} needed.`)];
      const expected = issue.expected === "int" ? "a whole number" : `a ${issue.expected}`;
      return [fault(at, "invalid_type", `Expected ${expected}, got ${got}.`)];
    }
    case "invalid_value": {
      const known = issue.values.map(String);
      return [
        fault(
          at,
          "unknown_value",
          `Expected one of the known values, got ${got}.`,
          suggestName(rawText(valueAt(data, issue.path)), known),
        ),
      ];
    }
    case "too_small":
    case "too_big":
      return [fault(at, issue.code, `${boundary(issue)}, got ${got}.`)];
    case "invalid_union":
      return unionFaults(issue, data, pointer);
    default: {
      const [detail, hint] = issue.message.split("\n");
      return [fault(at, issue.code, `${detail}${issue.code === "custom" ? "" : ` Got ${got}.`}`, hint)];
    }
  }
}

/** Of a union, speak about the branch that was meant: the one that failed deepest, not on the type of the whole. */
function unionFaults(issue: Extract<Issue, { code: "invalid_union" }>, data: unknown, pointer: Pointer): Fault[] {
  const value = valueAt(data, issue.path);
  if (issue.discriminator !== undefined) {
    const known = (issue as { options?: unknown[] }).options?.map(String) ?? [];
    const detail =
      value === undefined
        ? `A field is missing: "${issue.discriminator}".`
        : `Unknown ${issue.discriminator} ${describe(value)}.`;
    return [
      fault(
        pointer(issue.path),
        value === undefined ? "required" : "unknown_value",
        detail,
        suggestName(rawText(value), known),
      ),
    ];
  }
  const meant = issue.errors.find(
    (branch) =>
      !branch.some((inner) => inner.path.length === 0 && ["invalid_type", "invalid_value"].includes(inner.code)),
  );
  if (meant !== undefined) {
    return meant.flatMap((inner) => toFaults({ ...inner, path: [...issue.path, ...inner.path] }, data, pointer));
  }
  const expected = issue.errors.flat().map((inner) => {
    if (inner.code === "invalid_type") return inner.expected === "int" ? "a whole number" : `a ${inner.expected}`;
    return inner.code === "invalid_value"
      ? inner.values.map((known) => JSON.stringify(known)).join(", ")
      : inner.message;
  });
  const detail = `Expected ${[...new Set(expected)].join(" or ")}, got ${describe(value)}.`;
  return [fault(pointer(issue.path), value === undefined ? "required" : "invalid_type", detail)];
}

function fault(pointer: string, code: string, detail: string, hint?: string): Fault {
  return { pointer, code, detail, ...(hint === undefined ? {} : { hint }) };
}

function boundary(issue: Extract<Issue, { code: "too_small" | "too_big" }>): string {
  const what = issue.origin === "string" ? " characters" : issue.origin === "array" ? " items" : "";
  if (issue.code === "too_small")
    return `Must be ${issue.inclusive ? "at least" : "greater than"} ${issue.minimum}${what}`;
  return `Must be ${issue.inclusive ? "at most" : "less than"} ${issue.maximum}${what}`;
}

// contract/strict-object.ts ends its message with "Known: a, b, c."
function knownNames(message: string): string[] {
  return /Known: ([^\n]*)\.$/.exec(message)?.[1]?.split(", ") ?? [];
}

function valueAt(data: unknown, path: readonly PropertyKey[]): unknown {
  let value: unknown = data;
  for (const part of path) {
    if (value === null || typeof value !== "object" || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[part];
  }
  return value;
}

function rawText(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}

function describe(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "number") return String(value);
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === "object" && value !== null) return "an object";
  const text = JSON.stringify(value) ?? typeof value;
  return text.length <= 60 ? text : `${text.slice(0, 57)}…"`;
}
