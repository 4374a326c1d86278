// Reads JSON bodies, also when `curl -d` says they are a form or says nothing, and refuses nesting that only an attack has.
import type { FastifyInstance, FastifyRequest } from "fastify";
import { DomainError } from "../../errors.ts";

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
      const cause = error.message.includes("prototype")
        ? "__proto__ and constructor.prototype cannot be keys"
        : describeSyntax(body);
      done(malformed(`The body is not valid JSON: ${cause}.`, "Check quotes, commas and brackets near that place."));
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

function describeSyntax(body: string): string {
  try {
    JSON.parse(body);
    return "it cannot be read";
  } catch (error) {
    return (error as Error).message.replace(/^JSON\.parse: /, "").slice(0, 160);
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
