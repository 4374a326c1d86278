// Every response names its request; a client's own id is taken when it is short and plain (it goes into logs).
import { randomUUID } from "node:crypto";
import type { FastifyInstance } from "fastify";

const plainId = /^[A-Za-z0-9._-]{1,64}$/;

export function useRequestIds(app: FastifyInstance): void {
  app.setGenReqId((request) => {
    const given = request.headers["x-request-id"];
    return typeof given === "string" && plainId.test(given) ? given : `req_${randomUUID()}`;
  });
  app.addHook("onRequest", async (request, reply) => {
    void reply.header("x-request-id", request.id);
  });
}
