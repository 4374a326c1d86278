import { describe, expect, it } from "vitest";
import { createWakefulness } from "../../src/jobs/wakefulness.ts";

describe("wakefulness", () => {
  const answers = (times: number[]): boolean[] =>
    times.map(createWakefulness({ expectedEveryMs: 2, trustedAfterMs: 10 }));

  it("is trusted from the start and while the calls come at their times, a little late or not", () => {
    expect(answers([100, 102, 104, 107.9, 110])).toEqual([true, true, true, true, true]);
  });

  it("after a gap is trusted again when what waited had its time", () => {
    const [before, after] = [
      [true, true],
      [false, false, false, false, false, true, true],
    ];
    expect(answers([100, 102, 500, 502, 504, 506, 508, 510, 512])).toEqual([...before, ...after]);
  });

  it("starts anew when the clock is set back", () => {
    expect(answers([100, 50, 52, 54, 56, 58, 60])).toEqual([true, false, false, false, false, false, true]);
  });
});
