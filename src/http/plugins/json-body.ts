// Reads JSON bodies, also when `curl -d` says they are a form or says nothing, and refuses nesting that only an attack has.
import type { FastifyInstance, FastifyRequest } from "fastify";
import { DomainError } from "../../errors.ts";
import { findJsonFault } from "../json-fault.ts";

const maximumDepth = 32;
const taken = ["application/json", "application/x-www-form-urlencoded", "text/plain"];

export function readJsonBodies(app: FastifyInstance): void {
  const parseSafely = app.getDefaultJsonParser("error", "error");

  function parse(request: FastifyRequest, body: string, done: (error: Error | null, value?: unknown) => void): void {
    if (body.trim() === "") return done(null, undefined);
    if (nestingDepth(body) > maximumDepth) {
      return done(malformed(`The body is nested deeper than ${maximumDepth} levels.`, "Send flat objects."));
    }
    void parseSafely(request, body, (error, value) => {
      if (error === null) return done(null, value);
      done(isJson(body) ? forbiddenKey() : notJson(body));
    });
  }

  app.removeAllContentTypeParsers();
  app.addContentTypeParser(taken, { parseAs: "string" }, parse);
  app.addContentTypeParser("*", { parseAs: "string" }, (request, body, done) => {
    const type = request.headers["content-type"];
    if (type === undefined || type === "") return parse(request, body as string, done);
    done(
      new DomainError("unsupported_media_type", `This call does not take ${type}.`, {
        hint: "Send JSON with content-type: application/json.",
      }),
    );
  });
}

function malformed(message: string, hint: string): DomainError {
  return new DomainError("malformed_request", message, { hint });
}

function notJson(body: string): DomainError {
  const { detail, hint } = findJsonFault(body);
  return malformed(`The body is not valid JSON: ${detail}.`, hint);
}

/** Keys through which careless code could be made to change every object of the program. */
function forbiddenKey(): DomainError {
  return malformed("The body has a key __proto__ or constructor.prototype.", "Rename it.");
}

function isJson(body: string): boolean {
  try {
    JSON.parse(body);
    return true;
  } catch {
    return false;
  }
}

/** Deepest nesting of brackets outside strings. */
function nestingDepth(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const character = text.charCodeAt(i);
    if (inString) {
      if (character === 92) i++;
      else if (character === 34) inString = false;
    } else if (character === 34) inString = true;
    else if (character === 123 || character === 91) deepest = Math.max(deepest, ++depth);
    else if (character === 125 || character === 93) depth--;
  }
  return deepest;
}
