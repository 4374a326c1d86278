// Identifiers: a prefix that names the kind, then a ULID, so that ids sort by time.
import { monotonicFactory } from "ulid";

const nextUlid = monotonicFactory();

/** `trainer` is one that a server keeps, `standalone` one that was started by itself: who starts a server needs to know. */
export type IdPrefix = "ds" | "job" | "ckpt" | "try" | "trainer" | "standalone";

/** "job_01jd…": unique, and greater than every id this process made before. */
export function newId(prefix: IdPrefix): string {
  return `${prefix}_${nextUlid().toLowerCase()}`;
}

/** Events are numbered by the database; the number is padded so that ids sort as text. */
export function eventId(sequence: number): string {
  return `evt_${String(sequence).padStart(12, "0")}`;
}

/** The number in an event id, or undefined when it is none. */
export function eventSequence(id: string): number | undefined {
  const match = /^evt_(\d{1,15})$/.exec(id);
  return match === null ? undefined : Number(match[1]);
}
