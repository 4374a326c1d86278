// Server-sent events of one job: everything stored after Last-Event-ID, then what happens, then `done`.
// The only file that knows @fastify/sse.
import { fastifySSE } from "@fastify/sse";
import type { FastifyInstance, FastifyReply } from "fastify";
import type { Event } from "../contract/event.ts";
import type { JobChanges } from "../jobs/changes.ts";
import type { Store } from "../store/database.ts";
import { listEvents } from "../store/events.ts";
import { eventId } from "../store/ids.ts";
import { getJob } from "../store/jobs.ts";
import type { EventRow } from "../store/tables.ts";

const reconnectMs = 3_000;
/** How long news that nobody announced may stay unseen. */
const pollMs = 400;
const pageSize = 500;

interface Message {
  id?: string;
  event: string;
  data: unknown;
  retry?: number;
}

/** Registers the stream support, and ends open streams when the server stops (close() would wait for them for ever). */
export async function serveEventStreams(app: FastifyInstance, heartbeatMs: number): Promise<void> {
  await app.register(fastifySSE, { heartbeatInterval: heartbeatMs });
  const open = new Set<FastifyReply>();
  app.decorate("openEventStreams", open);
  app.addHook("preClose", async () => {
    for (const reply of open) reply.sse.close();
  });
}

export function toEvent(row: EventRow): Event {
  return {
    id: eventId(row.sequence),
    object: "job.event",
    job_id: row.job_id,
    created_at: new Date(row.created_at).toISOString(),
    type: row.type,
    data: JSON.parse(row.data) as Record<string, unknown>,
  };
}

/** Streams the events of a job after `afterSequence` until `done` was sent or the client is gone. */
export async function streamEvents(
  reply: FastifyReply,
  { store, changes, jobId, afterSequence }: { store: Store; changes: JobChanges; jobId: string; afterSequence: number },
): Promise<void> {
  const gone = new AbortController();
  const open = reply.server.openEventStreams;
  open.add(reply);
  reply.sse.onClose(() => {
    open.delete(reply);
    gone.abort();
  });
  void reply.header("x-accel-buffering", "no");
  await reply.sse.send(messages(store, changes, jobId, afterSequence, gone.signal));
}

async function* messages(
  store: Store,
  changes: JobChanges,
  jobId: string,
  afterSequence: number,
  gone: AbortSignal,
): AsyncGenerator<Message> {
  let sequence = afterSequence;
  let progress = "";
  let retry: { retry?: number } = { retry: reconnectMs };
  while (!gone.aborted) {
    const count = changes.count;
    const rows = await listEvents(store, jobId, sequence, pageSize);
    for (const row of rows) {
      const event = toEvent(row);
      yield { id: event.id, event: event.type, data: event, ...retry };
      retry = {};
      sequence = row.sequence;
      if (row.type === "done") return;
    }
    if (rows.length === pageSize) continue;
    // Progress inside a long epoch is worth seeing but not worth keeping: it has no id and is not replayed.
    const job = await getJob(store, jobId);
    const present = JSON.stringify(job.progress);
    if (rows.length === 0 && present !== progress && job.status === "running")
      yield { event: "progress", data: job.progress };
    progress = present;
    await changes.next(jobId, count, pollMs, gone);
  }
}

declare module "fastify" {
  interface FastifyInstance {
    openEventStreams: Set<FastifyReply>;
  }
}
