// Idempotency-Key (draft-ietf-httpapi-idempotency-key-header-07) for calls that create something.
import { createHash } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import { DomainError } from "../../errors.ts";
import type { Store } from "../../store/database.ts";
import { findIdempotency, type IdempotencyRecord } from "../../store/idempotency.ts";

/** Keys whose first request is still being worked on by this server. */
const inFlightOf = new WeakMap<Store, Set<string>>();

/** Makes the record to be stored in the transaction that creates the resource. */
export type RecordAnswer<Created extends { links: { self: string } }> =
  | ((created: Created) => IdempotencyRecord)
  | undefined;

/** The fingerprint of a JSON body. */
export function fingerprintOf(body: unknown): string {
  return createHash("sha256")
    .update(JSON.stringify(body) ?? "")
    .digest("hex");
}

/**
 * Answers a creating call at most once per key: `create` runs the first time; later the stored answer is sent again.
 * @throws DomainError `idempotency_key_in_use`, `idempotency_key_reused`, `malformed_request`
 */
export async function createOnce<Created extends { links: { self: string } }>(
  store: Store,
  request: FastifyRequest,
  reply: FastifyReply,
  { status, fingerprint }: { status: 201 | 202; fingerprint: string },
  create: (recordAnswer: RecordAnswer<Created>) => Promise<Created>,
): Promise<Created> {
  const key = readKey(request);
  const answer = (created: Created) => {
    void reply.code(status).header("location", created.links.self);
    return created;
  };
  if (key === undefined) return answer(await create(undefined));

  const scope = `${request.method} ${request.routeOptions.url}`;
  const inFlight = inFlightOf.get(store) ?? new Set<string>();
  inFlightOf.set(store, inFlight);
  const flight = `${scope} ${key}`;
  if (inFlight.has(flight)) {
    throw new DomainError(
      "idempotency_key_in_use",
      `The first request with Idempotency-Key "${key}" is not answered yet.`,
      {
        hint: "Send it again in a moment: the same answer will come.",
      },
    );
  }
  inFlight.add(flight);
  try {
    const earlier = await findIdempotency(store, key, scope);
    if (earlier === undefined) {
      return answer(
        await create((created) => ({
          key,
          scope,
          fingerprint,
          status,
          location: created.links.self,
          body: JSON.stringify(created),
        })),
      );
    }
    if (earlier.fingerprint !== fingerprint) {
      throw new DomainError("idempotency_key_reused", `Idempotency-Key "${key}" came with another body before.`, {
        hint: "Use a new key for a new request.",
      });
    }
    void reply.header("idempotent-replayed", "true");
    return answer(JSON.parse(earlier.body) as Created);
  } finally {
    inFlight.delete(flight);
  }
}

/** A Structured-Field String ("…" in quotes); the bare form many clients send is taken too. */
function readKey(request: FastifyRequest): string | undefined {
  const header = request.headers["idempotency-key"];
  if (header === undefined) return undefined;
  const text = String(header).trim();
  const key = /^"(.*)"$/.exec(text)?.[1] ?? text;
  if (key.length === 0 || key.length > 255 || !/^[\x20-\x7e]*$/.test(key)) {
    throw new DomainError("malformed_request", "Idempotency-Key must be 1 to 255 printable ASCII characters.", {
      hint: 'For example a UUID in quotes: Idempotency-Key: "8e03978e-40d5-43dd-bc93-6894a57f9324"',
    });
  }
  return key;
}
