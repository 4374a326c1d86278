// Events: the life of a job as a list, and the same objects live.
import { z } from "zod";
import { listOf, timestamp } from "./primitives.ts";
import { strictObject } from "./strict-object.ts";

export const eventTypes = ["status", "metric", "checkpoint", "log", "done"] as const;
export const eventType = z.enum(eventTypes);
export type EventType = z.output<typeof eventType>;

export const event = z
  .object({
    id: z.string().describe("also the SSE id: send it as Last-Event-ID to go on after it"),
    object: z.literal("job.event"),
    job_id: z.string(),
    created_at: timestamp,
    type: eventType,
    data: z.record(z.string(), z.unknown()),
  })
  .meta({ id: "Event" });
export type Event = z.output<typeof event>;

export const eventList = listOf(event).meta({ id: "EventList" });

export const eventQuery = strictObject({
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
  after: z.string().max(64).optional().describe("events after this id, oldest first"),
});
