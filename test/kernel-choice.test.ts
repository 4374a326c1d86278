// The choice of kernels as a process makes it when it starts: what it keeps for the next one, and where it cannot.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Tier } from "../src/engine/kernels/tiers.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "deltarule-test-"));
  path = join(folder, "deltarule", "tiles.json");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Choice {
  readonly tier: Tier;
  readonly reports: readonly (readonly [level: string, message: string])[];
}

/** What a new process chooses. */
function choose(choice: string): Choice {
  const url = new URL("../src/kernel-choice.ts", import.meta.url);
  const script = `
    const { chooseKernels } = await import(${JSON.stringify(url.href)});
    const reports = [];
    const tier = chooseKernels(${JSON.stringify(choice)}, (level, message) => reports.push([level, message]));
    console.log(JSON.stringify({ tier, reports }));`;
  const env = { ...process.env, XDG_CACHE_HOME: folder };
  return JSON.parse(
    execFileSync(process.execPath, ["--input-type=module", "--eval", script], { encoding: "utf8", env }),
  ) as Choice;
}

/** Only these processors have the wide tier, and so tiles to choose from. */
describe.skipIf(process.arch !== "x64")("tiles that were measured (x64 only)", () => {
  test("are kept for the next process on the same machine, and used by it", () => {
    const { tier, reports } = choose("auto");
    expect(tier.name).toBe("relaxed256");
    expect(reports).toEqual([]);
    const { machine, ...kept } = JSON.parse(readFileSync(path, "utf8"));
    expect(machine).toContain(`Node ${process.version}`);
    expect(kept).toEqual({ tile: tier.tile, separateTile: tier.separateTile });

    // Another outcome than the usual one can only come from the file.
    const narrow = { rows: 4, columns: 8 };
    writeFileSync(path, JSON.stringify({ machine, tile: narrow, separateTile: narrow }));
    expect(choose("auto").tier).toEqual({ name: "relaxed256", tile: narrow, separateTile: narrow });
  });

  test.each([
    [
      "of another machine",
      (machine: string) => JSON.stringify({ machine: `not ${machine}`, tile: { rows: 4, columns: 8 } }),
    ],
    ["that no process measures", (machine: string) => JSON.stringify({ machine, tile: { rows: 7, columns: 3 } })],
    ["in a file that is damaged", () => "{"],
  ])("%s are measured again", (_what, text) => {
    const { tier } = choose("auto");
    const { machine } = JSON.parse(readFileSync(path, "utf8"));
    writeFileSync(path, text(machine));
    const again = choose("auto");
    expect([4, 6]).toContain(again.tier.tile.rows);
    expect([8, 16]).toContain(again.tier.tile.columns);
    expect(again.tier.name).toBe(tier.name);
    expect(JSON.parse(readFileSync(path, "utf8"))).toEqual({
      machine,
      tile: again.tier.tile,
      separateTile: again.tier.separateTile,
    });
  });

  test("are measured at every start where nothing can be kept, which only a debugging log tells", () => {
    // A file where the folder should be: also the user who may write everywhere cannot write here.
    writeFileSync(dirname(path), "");
    const { tier, reports } = choose("auto");
    expect(tier.name).toBe("relaxed256");
    expect(reports.map(([level]) => level)).toEqual(["debug", "debug"]);
    expect(reports[1][1]).toMatch(/^Measured tiles cannot be kept: /);
  });
});

test("a choice with only one tile neither reads nor keeps anything", () => {
  mkdirSync(dirname(path));
  writeFileSync(path, "{");
  for (const choice of ["fma", "reference"])
    expect(choose(choice)).toMatchObject({ tier: { name: choice }, reports: [] });
  expect(readFileSync(path, "utf8")).toBe("{");
});
