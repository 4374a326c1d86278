// Checkpoints: where a job can go on from.
import { z } from "zod";
import { listOf, timestamp } from "./primitives.ts";

export const checkpointList = listOf(
  z.object({
    id: z.string(),
    object: z.literal("checkpoint"),
    job_id: z.string(),
    epoch: z.number().int().describe("epochs finished"),
    step: z.number().int().describe("optimizer steps taken"),
    size_bytes: z.number().int(),
    created_at: timestamp,
  }),
).meta({ id: "CheckpointList" });
