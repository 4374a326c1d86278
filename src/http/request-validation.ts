// zod's issues → faults: every one of them, each with what was got and what to do.
import type { FastifySchemaCompiler } from "fastify";
import type { z } from "zod";
import { suggestName } from "../contract/strict-object.ts";
import { DomainError, type Fault, jsonPointer } from "../errors.ts";
import { boundary, describe, expectation, hintFor, indefinite } from "./fault-wording.ts";

type Issue = z.core.$ZodIssue;

type Pointer = (path: readonly PropertyKey[]) => string;

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
    if (part === "body" && (data === null || data === undefined)) return { error: emptyBody() };
    const result = schema.safeParse(data ?? {});
    if (result.success) return { value: result.data };
    const faults = collectFaults(result.error, data, pointers[part] ?? jsonPointer);
    const message = faults.length === 1 ? faults[0].detail : `${faults.length} things are wrong with this request.`;
    // A path that no name can have leads nowhere: that is no other answer than for a name that nobody has.
    return { error: new DomainError(part === "params" ? "not_found" : "invalid_request", message, { faults }) };
  };
};

function emptyBody(): DomainError {
  const hint = "Send a JSON object; /docs has one to copy for every call.";
  return new DomainError("malformed_request", "The body is empty.", { hint });
}

/** The faults of a value that stands at `pointer` in the body. */
export function faultsOf(error: z.ZodError, value: unknown, pointer: string): Fault[] {
  return collectFaults(error, value, (path) => pointer + jsonPointer(path));
}

/** One fault per place and code: a number too big for an integer is also too big for its range, which says more. */
function collectFaults(error: z.ZodError, data: unknown, pointer: Pointer): Fault[] {
  const faults = error.issues.flatMap((issue) => toFaults(issue, data, pointer));
  return [...new Map(faults.map((fault) => [`${fault.pointer} ${fault.code}`, fault])).values()];
}

function toFaults(issue: Issue, data: unknown, pointer: Pointer): Fault[] {
  const at = pointer(issue.path);
  const value = valueAt(data, issue.path);
  const name = String(issue.path.at(-1) ?? "");
  switch (issue.code) {
    case "unrecognized_keys": {
      // contract/strict-object.ts writes two lines for each key: what was got, what to do.
      const lines = issue.message.split("\n");
      return issue.keys.map((key, i) => ({
        pointer: pointer([...issue.path, key]),
        code: "unknown_field",
        detail: lines[2 * i] ?? `Unknown field "${key}".`,
        hint: lines[2 * i + 1] ?? "Leave it out.",
      }));
    }
    case "invalid_type": {
      if (value === undefined) return [missing(at, name, issue.expected)];
      const detail = `Expected ${expectation(issue.expected)}, got ${describe(value)}.`;
      return [{ pointer: at, code: "invalid_type", detail, hint: hintFor(name, issue.expected, value) }];
    }
    case "invalid_value": {
      if (value === undefined) return [missing(at, name, "string")];
      const hint = suggestName(rawText(value), issue.values.map(String));
      return [{ pointer: at, code: "unknown_value", detail: `Unknown value ${describe(value)}.`, hint }];
    }
    case "too_small":
    case "too_big": {
      const range = boundary(issue);
      const detail = `Must be ${range}, got ${describe(value)}.`;
      return [{ pointer: at, code: issue.code, detail, hint: `Make it ${range}.` }];
    }
    case "invalid_union":
      return unionFaults(issue, data, pointer);
    default: {
      const [detail, hint] = issue.message.split("\n");
      const got = issue.code === "custom" ? "" : ` Got ${describe(value)}.`;
      return [{ pointer: at, code: issue.code, detail: `${detail}${got}`, hint: hint ?? "Use only these characters." }];
    }
  }
}

/** Of a union, speak about the branch that was meant: the one that failed deepest, not on the type of the whole. */
function unionFaults(issue: Extract<Issue, { code: "invalid_union" }>, data: unknown, pointer: Pointer): Fault[] {
  const value = valueAt(data, issue.path);
  const at = pointer(issue.path);
  const name = String(issue.path.at(-1) ?? "");
  if (issue.discriminator !== undefined) {
    const known = (issue as { options?: unknown[] }).options?.map(String) ?? [];
    const hint = suggestName(rawText(value), known);
    if (value === undefined) {
      return [{ pointer: at, code: "required", detail: `"${issue.discriminator}" is missing.`, hint }];
    }
    const detail = `Unknown ${issue.discriminator} ${describe(value)}.`;
    return [{ pointer: at, code: "unknown_value", detail, hint }];
  }
  const meant = issue.errors.find(
    (branch) =>
      !branch.some((inner) => inner.path.length === 0 && ["invalid_type", "invalid_value"].includes(inner.code)),
  );
  if (meant !== undefined) {
    return meant.flatMap((inner) => toFaults({ ...inner, path: [...issue.path, ...inner.path] }, data, pointer));
  }
  const types = issue.errors.flat().flatMap((inner) => (inner.code === "invalid_type" ? [inner.expected] : []));
  if (value === undefined) return [missing(at, name, types[0] ?? "")];
  const values = issue.errors.flat().flatMap((inner) => (inner.code === "invalid_value" ? inner.values : []));
  const expected = [...types.map(expectation), ...values.map((known) => JSON.stringify(known))];
  const detail = `Expected ${[...new Set(expected)].join(" or ")}, got ${describe(value)}.`;
  // Of a list of names, the nearest helps; of a type, an example.
  const hint =
    typeof value === "string" && values.length > 1
      ? suggestName(value, values.map(String))
      : hintFor(name, types[0] ?? "", value);
  return [{ pointer: at, code: "invalid_type", detail, hint }];
}

function missing(pointer: string, name: string, expected: string): Fault {
  const what = expected === "" ? "" : `: ${indefinite(expected)} is needed`;
  return {
    pointer,
    code: "required",
    detail: `"${name}" is missing${what}.`,
    hint: hintFor(name, expected, undefined),
  };
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
