// Whether this process has been running all the time. A machine that was asleep, or a stopped process group, finds every
// lease run out when it wakes: that is nobody's silence, and the trainers must first have time to speak again.

export interface WakefulnessOptions {
  /** How often the question is asked; a gap of more than twice as long was sleep. */
  expectedEveryMs: number;
  /** So long after a gap the answer is no. */
  trustedAfterMs: number;
}

/** A function to call at regular times with the wall clock (a machine's sleep does not show in a monotonic one). */
export function createWakefulness({ expectedEveryMs, trustedAfterMs }: WakefulnessOptions): (now: number) => boolean {
  let last: number | undefined;
  let awakeSince = -Infinity;
  return (now) => {
    const gap = last === undefined ? 0 : now - last;
    last = now;
    // A clock that was set back leaves leases that end late, never early; what counts is that time starts anew.
    if (gap > 2 * expectedEveryMs || gap < 0) awakeSince = now;
    return now - awakeSince >= trustedAfterMs;
  };
}
