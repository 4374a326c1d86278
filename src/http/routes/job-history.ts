// What a job went through: loss history, loss curve, events, checkpoints.
import { z } from "zod";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { checkpointList } from "../../contract/checkpoint.ts";
import { eventList, eventQuery } from "../../contract/event.ts";
import { metricsList, metricsQuery } from "../../contract/metrics.ts";
import { problem } from "../../contract/problem.ts";
import { DomainError } from "../../errors.ts";
import { listCheckpoints } from "../../store/checkpoints.ts";
import type { Store } from "../../store/database.ts";
import { listEvents } from "../../store/events.ts";
import { eventSequence } from "../../store/ids.ts";
import { getJobRow } from "../../store/jobs.ts";
import { countEpochs, epochPages, listEpochs } from "../../store/metrics.ts";
import type { Services } from "../app.ts";
import { streamEvents, toEvent } from "../event-stream.ts";
import { drawLossCurve } from "../loss-curve.ts";
import { downsample, toCsv } from "../metrics-table.ts";
import { jobParams } from "./jobs.ts";

const streamExample =
  'id: evt_000000000042\nevent: status\ndata: {"id":"evt_000000000042","type":"status","data":{"status":"running"}}\n\n';

/** A picture of 640 pixels shows no more. */
const pointsDrawn = 1_000;

export const jobHistoryRoutes: FastifyPluginAsyncZod<Services> = async (app, { store, changes }) => {
  app.get(
    "/v1/jobs/:id/metrics",
    {
      config: { alsoAnswers: { "text/csv": "epoch,train_loss,validation_loss\r\n1,0.98,0.91\r\n" } },
      schema: {
        tags: ["jobs"],
        operationId: "listMetrics",
        summary: "The loss history, one row per epoch",
        params: jobParams,
        querystring: metricsQuery,
        response: { 200: metricsList, "4xx": problem },
      },
    },
    async (request, reply) => {
      const { limit, after, points, format } = request.query;
      const { id } = await getJobRow(store, request.params.id);
      const { data, has_more } =
        points === undefined ? await pageOf(store, id, after, limit) : await overviewOf(store, id, after, points);
      if (format === "csv") {
        return reply
          .type("text/csv; charset=utf-8")
          .serializer(String)
          .send(toCsv(data) as never);
      }
      return { object: "list" as const, data, has_more };
    },
  );

  app.get(
    "/v1/jobs/:id/loss.svg",
    {
      schema: {
        tags: ["jobs"],
        operationId: "getLossCurve",
        summary: "The loss curve as a picture",
        params: jobParams,
        response: {
          200: { description: "The picture", content: { "image/svg+xml": { schema: z.string() } } },
          "4xx": problem,
        },
      },
    },
    async (request, reply) => {
      const row = await getJobRow(store, request.params.id);
      const { data: epochs } = await overviewOf(store, row.id, 0, pointsDrawn);
      return reply
        .type("image/svg+xml")
        .header("cache-control", "no-cache")
        .header("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'")
        .serializer(String)
        .send(drawLossCurve(row.name, epochs));
    },
  );

  app.get(
    "/v1/jobs/:id/events",
    {
      sse: "manual",
      config: { alsoAnswers: { "text/event-stream": streamExample } },
      schema: {
        tags: ["jobs"],
        operationId: "listEvents",
        summary: "Events, oldest first; live with Accept: text/event-stream",
        description:
          "As a stream: every event after `Last-Event-ID` (or `?after=`), then each as it happens, then `done`. " +
          "`progress` messages inside long epochs carry no id. A client that reconnects after `done` gets 204.",
        params: jobParams,
        querystring: eventQuery,
        response: { 200: eventList, 204: z.null(), "4xx": problem },
      },
    },
    async (request, reply) => {
      const row = await getJobRow(store, request.params.id);
      const streaming = request.headers.accept?.includes("text/event-stream") === true;
      const afterSequence = parsePosition(
        request.query.after ?? (streaming ? lastEventId(request.headers) : undefined),
      );
      if (!streaming) {
        const rows = await listEvents(store, row.id, afterSequence, request.query.limit + 1);
        const data = rows.slice(0, request.query.limit).map(toEvent);
        return { object: "list" as const, data, has_more: rows.length > request.query.limit };
      }
      // EventSource reconnects for ever after a normal end; 204 tells it to stop.
      if (row.finished_at !== null && (await listEvents(store, row.id, afterSequence, 1)).length === 0) {
        return reply.code(204).send(null);
      }
      // Fastify answers HEAD by the handler of GET, but a stream has no end to wait for.
      if (request.method === "HEAD") {
        return reply
          .type("text/event-stream")
          .serializer(String)
          .send("" as never);
      }
      return await streamEvents(reply, { store, changes, jobId: row.id, afterSequence });
    },
  );

  app.get(
    "/v1/jobs/:id/checkpoints",
    {
      schema: {
        tags: ["jobs"],
        operationId: "listCheckpoints",
        summary: "Checkpoints, newest first",
        params: jobParams,
        response: { 200: checkpointList, "4xx": problem },
      },
    },
    async (request) => {
      await getJobRow(store, request.params.id);
      const rows = await listCheckpoints(store, request.params.id);
      const data = rows.map(({ id, job_id, epoch, step, size_bytes, created_at }) => ({
        id,
        object: "checkpoint" as const,
        job_id,
        epoch,
        step,
        size_bytes,
        created_at: new Date(created_at).toISOString(),
      }));
      return { object: "list" as const, data, has_more: false };
    },
  );
};

async function pageOf(store: Store, jobId: string, after: number, limit: number) {
  const epochs = await listEpochs(store, jobId, after, limit + 1);
  return { data: epochs.slice(0, limit), has_more: epochs.length > limit };
}

async function overviewOf(store: Store, jobId: string, after: number, points: number) {
  const count = await countEpochs(store, jobId, after);
  return { data: await downsample(epochPages(store, jobId, after), count, points), has_more: false };
}

function lastEventId(headers: Record<string, string | string[] | undefined>): string | undefined {
  const id = headers["last-event-id"];
  return typeof id === "string" && id !== "" ? id : undefined;
}

function parsePosition(id: string | undefined): number {
  if (id === undefined) return 0;
  const sequence = eventSequence(id);
  if (sequence === undefined) {
    throw new DomainError("malformed_request", `"${id}" is no event id.`, {
      hint: "Send the id of an event, such as evt_000000000042.",
    });
  }
  return sequence;
}
