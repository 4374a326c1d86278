// Health of the service: is it alive, can it work.
import { z } from "zod";

export const liveness = z.object({ status: z.literal("ok"), version: z.string() }).meta({ id: "Liveness" });

export const readiness = z
  .object({
    status: z.enum(["ready", "not_ready"]),
    kernels: z.string().describe("tier of the compute kernels"),
    trainers: z.array(
      z.object({
        id: z.string(),
        pid: z.number().int().nullable(),
        state: z.enum(["starting", "ready", "restarting"]),
      }),
    ),
    jobs: z.object({ queued: z.number().int(), running: z.number().int() }),
  })
  .meta({ id: "Readiness" });
export type Readiness = z.output<typeof readiness>;
