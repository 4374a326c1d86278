import { execFileSync } from "node:child_process";
import { performance } from "node:perf_hooks";
import { describe, expect, it } from "vitest";
import { GENERATED_KINDS } from "../../../src/engine/kernels/generated/generated.ts";
import { createReferenceKernels } from "../../../src/engine/kernels/reference/reference.ts";
import { BENCHES, CHAIN, difference, prepare, PRODUCTS } from "../../../src/engine/kernels/self-test.ts";
import { createKernels, recallKernels, resolveTier } from "../../../src/engine/kernels/tiers.ts";
import type { Tier } from "../../../src/engine/kernels/tiers.ts";
import { tensorsOf } from "../../../src/engine/operations.ts";

const now = (): number => performance.now();

/** What another process of Node, started with these switches, resolves and reports. */
function resolveIn(switches: readonly string[], choice: string): { tier: Tier; reports: string[] } {
  const url = new URL("../../../src/engine/kernels/tiers.ts", import.meta.url);
  const script = `
    const { resolveTier } = await import(${JSON.stringify(url.href)});
    const reports = [];
    const tier = resolveTier(${JSON.stringify(choice)}, {
      wide: process.execArgv.includes("--experimental-wasm-revectorize"),
      now: () => performance.now(),
      report: (message) => reports.push(message),
    });
    console.log(JSON.stringify({ tier, reports }));`;
  const output = execFileSync(process.execPath, [...switches, "--input-type=module", "--eval", script], {
    encoding: "utf8",
  });
  return JSON.parse(output) as { tier: Tier; reports: string[] };
}

describe("the choice of a tier", () => {
  it("takes the best one of this machine that passes its self-test, and has nothing to report", () => {
    const reports: string[] = [];
    expect(resolveTier("auto", { now, report: (message) => reports.push(message) }).name).toBe("fma");
    expect(resolveTier("simd128", { report: (message) => reports.push(message) }).name).toBe("simd128");
    expect(reports).toEqual([]);
  });

  it("takes 256-bit kernels where V8 was told to revectorize, and 128-bit ones when asked for", () => {
    expect(resolveIn(["--experimental-wasm-revectorize"], "auto")).toMatchObject({
      tier: { name: "relaxed256" },
      reports: [],
    });
    expect(resolveIn(["--experimental-wasm-revectorize"], "fma")).toMatchObject({ tier: { name: "fma" }, reports: [] });
  });

  it.skipIf(process.arch !== "x64")(
    "falls back to the reference and says so on a machine without vectors (x64 only)",
    () => {
      expect(resolveIn(["--no-enable-sse4-1", "--no-enable-avx"], "auto")).toMatchObject({
        tier: { name: "reference" },
        reports: [
          "fma kernels need instructions that this version of Node does not have.",
          "simd128 kernels need instructions that this version of Node does not have.",
          "No generated kernels can be used: the reference kernels run, which are slow.",
        ],
      });
    },
  );

  it("obeys a forced reference without testing anything, and refuses a name it does not know", () => {
    expect(resolveTier("reference", { report: (message) => expect.unreachable(message) }).name).toBe("reference");
    expect(() => resolveTier("gpu")).toThrow("kernels: expected one of auto, fma, simd128, reference, got gpu.");
  });
});

describe("the self-test", () => {
  const tier = resolveTier("simd128");

  it.each([
    ["products", PRODUCTS, "dW"],
    ["chain", CHAIN, "dW1"],
    ["convolutions and recurrences", BENCHES[2], "lstm y"],
    ["all else", BENCHES[3], "layer norm dx"],
  ] as const)("of %s finds one wrong number, and says which", (_name, bench, wanted) => {
    const [trial, reference] = [createKernels(tier, "float32"), createReferenceKernels("float32")].map((kernels) => {
      const prepared = prepare(bench, kernels);
      prepared.call(prepared.step);
      return prepared;
    });
    expect(difference(bench, trial, reference, true)).toBeUndefined();
    const tensor = bench.operations.flatMap(tensorsOf).find(({ name }) => name === wanted)!;
    trial.memory.view(tensor)[17] += 0.01;
    expect(difference(bench, trial, reference, false)).toMatch(`${wanted}[17] is `);
    trial.memory.view(tensor)[17] = NaN;
    expect(difference(bench, trial, reference, false)).toMatch(`${wanted}[17] is NaN, not `);
  });

  it("runs every kind of operation that is generated", () => {
    const tested = new Set(BENCHES.flatMap(({ operations }) => operations).map(({ kind }) => kind));
    expect(GENERATED_KINDS.filter((kind) => !tested.has(kind))).toEqual([]);
  });

  it("of separate products finds a difference in the last bit", () => {
    const [trial, reference] = [createKernels(tier, "float32"), createReferenceKernels("float32")].map((kernels) =>
      prepare(PRODUCTS, kernels),
    );
    const z = PRODUCTS.operations.flatMap(tensorsOf).find(({ name }) => name === "z")!;
    const first = trial.memory.view(z);
    expect(difference(PRODUCTS, trial, reference, true)).toBeUndefined();
    new Int32Array(first.buffer, first.byteOffset, 1)[0] += 1;
    expect(difference(PRODUCTS, trial, reference, true)).toMatch("z[0] is ");
  });
});

describe("kernels recalled by the name in a version", () => {
  const fused: Tier = { name: "fma", tile: { rows: 4, columns: 8 }, separateTile: { rows: 4, columns: 8 } };
  const plain: Tier = { ...fused, name: "reference" };
  it.each([
    // The bits of the reference, sooner.
    ["reference-float32", fused, "simd128-float32"],
    ["reference-float32", plain, "reference-float32"],
    ["simd128-float32", fused, "simd128-float32"],
    ["relaxed256-float32", fused, "fma-float32"],
    ["relaxed256-float32", plain, "reference-float32"],
  ])("%s on this machine's tier are %o", (name, tier, recalled) => {
    expect(recallKernels(name, tier, "float32").name).toBe(recalled);
  });
});
