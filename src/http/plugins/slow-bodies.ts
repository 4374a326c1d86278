// Cuts requests whose body dribbles in: a large upload may take long, but it has to come on.
import type { FastifyInstance, FastifyRequest } from "fastify";
import { DomainError } from "../../errors.ts";
import { answerOnSocket } from "../connection-errors.ts";

export interface BodyPace {
  /** A body that is complete within this time may come as slowly as it likes. */
  graceMs: number;
  /** After that the average must reach this. */
  bytesPerSecond: number;
  checkEveryMs: number;
}

export function cutSlowBodies(app: FastifyInstance, { graceMs, bytesPerSecond, checkEveryMs }: BodyPace): void {
  /** Requests whose body is still coming: when it began, and what the connection had received by then. */
  const coming = new Map<FastifyRequest, { since: number; bytesBefore: number }>();

  app.addHook("onRequest", async (request) => {
    const { raw } = request;
    if (raw.complete || raw.socket === undefined) return;
    coming.set(request, { since: performance.now(), bytesBefore: raw.socket.bytesRead });
    raw.once("close", () => coming.delete(request));
    raw.once("end", () => coming.delete(request));
  });

  const check = setInterval(() => {
    for (const [request, { since, bytesBefore }] of coming) {
      const elapsedMs = performance.now() - since;
      const bytes = request.raw.socket.bytesRead - bytesBefore;
      if (elapsedMs < graceMs || (1000 * bytes) / elapsedMs >= bytesPerSecond) continue;
      coming.delete(request);
      refuse(request, bytes, elapsedMs);
    }
  }, checkEveryMs);
  check.unref();
  app.addHook("onClose", async () => clearInterval(check));
}

/** Answers on the bare socket: the handler still waits for a body that will not come. */
function refuse(request: FastifyRequest, bytes: number, elapsedMs: number): void {
  const seconds = Math.round(elapsedMs / 1000);
  const error = new DomainError("request_timeout", `Only ${bytes} bytes of the body came in ${seconds} s.`, {
    hint: "Send the body at once; for large data, upload a compressed file.",
  });
  answerOnSocket(request.raw.socket, error, request.id, () => request.raw.destroy());
}
