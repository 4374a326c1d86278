// Events of jobs, in one numbered sequence. Metric events are the loss history (store/metrics.ts reads them as such).
import type { EventType } from "../contract/event.ts";
import type { StoreOrTransaction } from "./database.ts";
import type { EventRow } from "./tables.ts";

export interface NewEvent {
  jobId: string;
  type: EventType;
  now: number;
  data: Record<string, unknown>;
}

export async function appendEvent(store: StoreOrTransaction, { jobId, type, now, data }: NewEvent): Promise<void> {
  await store
    .insertInto("event")
    .values({ job_id: jobId, type, epoch: null, created_at: now, data: JSON.stringify(data) })
    .execute();
}

/** Events of a job after `afterSequence`, oldest first. */
export async function listEvents(
  store: StoreOrTransaction,
  jobId: string,
  afterSequence: number,
  limit: number,
): Promise<EventRow[]> {
  return await store
    .selectFrom("event")
    .selectAll()
    .where("job_id", "=", jobId)
    .where("sequence", ">", afterSequence)
    .orderBy("sequence")
    .limit(limit)
    .execute();
}
