// The tiers of kernels, from the fastest to the one that always works, and which of them this machine gets. All tiers
// give the same sums up to the rounding of a multiply-add; within one arithmetic they give the same bits.
//   relaxed256   fused multiply-add; V8's revectorizer makes 256-bit instructions of pairs of 128-bit ones
//   fma          fused multiply-add in 128 bits (relaxed SIMD)
//   simd128      separate multiply and add: the same bits on every machine, and of every "deterministic" job
//   reference    plain loops in JavaScript, with the bits of simd128; the only tier for float64
import { requireEntry } from "../requirements.ts";
import type { Precision } from "../tensor.ts";
import type { Arithmetic, Tile } from "./generated/emission.ts";
import { createGeneratedKernels } from "./generated/generated.ts";
import type { Kernels } from "./kernels.ts";
import { createReferenceKernels } from "./reference/reference.ts";
import { BENCHES, difference, prepare } from "./self-test.ts";
import type { Bench, Trial } from "./self-test.ts";
import { fastestTile } from "./tile-choice.ts";
import { f32x4, i32, v128 } from "./wasm/instructions.ts";
import { ModuleBuilder } from "./wasm/module-builder.ts";
import { webAssembly } from "./wasm/web-assembly.ts";

export type TierName = "relaxed256" | "fma" | "simd128" | "reference";

/** The fastest tile for the tier's own arithmetic, and for the separate one of deterministic jobs. */
export interface Tiles {
  readonly tile: Tile;
  readonly separateTile: Tile;
}

/** What resolveTier found. Plain data: threads of the same process get it posted. */
export interface Tier extends Tiles {
  readonly name: TierName;
}

export interface ResolveOptions {
  /** True when V8 was told to revectorize before it compiled anything; the engine cannot tell it so itself. */
  readonly wide?: boolean;
  /** Tiles that were found to be the fastest on this machine before. Without them they are measured. */
  readonly tiles?: Tiles | undefined;
  /** A monotonic clock in ms, to measure tiles with; without one the usual tile is taken. */
  readonly now?: () => number;
  /** Told, in one sentence, of a tier that could not be had. */
  readonly report?: (message: string) => void;
}

/** The generated tiers of each choice, best first; after them, and for "reference", comes the reference. */
const CHOICES: Readonly<Record<string, readonly Exclude<TierName, "reference">[]>> = {
  auto: ["relaxed256", "fma", "simd128"],
  fma: ["fma", "simd128"],
  simd128: ["simd128"],
  reference: [],
};

const [NARROW, WIDE, TALL]: readonly Tile[] = [
  { rows: 4, columns: 8 },
  { rows: 4, columns: 16 },
  { rows: 6, columns: 16 },
];
const REFERENCE_TIER: Tier = { name: "reference", tile: NARROW, separateTile: NARROW };
/** The usual tile first. Six rows of sixteen fill the registers; separate products need one more, and spill. */
const TILES = { narrow: [NARROW], wideFused: [TALL, NARROW], wideSeparate: [WIDE, NARROW] } as const;

/**
 * The fastest tier that `choice` (auto, or the name of a tier) allows, that this machine has, and that passes its
 * self-test. Takes 0.3 to 0.4 s, and up to 50 ms more where tiles are measured. Where V8 compiles in two stages, it tests
 * code of the first; a process had better tell it to optimise at once. Throws `invalid_parameter` for another choice.
 */
export function resolveTier(choice: string, options: ResolveOptions = {}): Tier {
  requireEntry("kernels", CHOICES, choice);
  const { wide = false, report = () => {} } = options;
  if (choice === "reference") return REFERENCE_TIER;
  const references = runReferences();
  // Without the switch there are no 256-bit kernels; that is the caller's choice and no fault to report.
  for (const name of CHOICES[choice].filter((candidate) => wide || candidate !== "relaxed256")) {
    const fused = name !== "simd128";
    if (!webAssembly.validate(fused ? FUSED_PROBE : VECTOR_PROBE)) {
      report(`${name} kernels need instructions that this version of Node does not have.`);
      continue;
    }
    try {
      const separateTile = chooseTile(false, wide, options, options.tiles?.separateTile);
      const tile = fused ? chooseTile(true, wide, options, options.tiles?.tile) : separateTile;
      const separate = { fused: false, tile: separateTile };
      const fault = fused
        ? (selfTest(separate, ["separate", "both"], references) ??
          selfTest({ fused, tile }, ["own", "both"], references))
        : selfTest(separate, ["separate", "own", "both"], references);
      if (fault === undefined) return { name, tile, separateTile };
      report(`${name} kernels failed their self-test: ${fault}.`);
    } catch (error) {
      // Out of memory, or a module that does not compile after all: the next tier may still do.
      report(`${name} kernels cannot be used: ${String(error)}.`);
    }
  }
  report("No generated kernels can be used: the reference kernels run, which are slow.");
  return REFERENCE_TIER;
}

/** Kernels of this tier. Float64 runs on the reference; deterministic float32 in separate multiplies and adds. */
export function createKernels(tier: Tier, precision: Precision, deterministic = false): Kernels {
  if (precision === "float64" || tier.name === "reference") return createReferenceKernels(precision);
  if (deterministic || tier.name === "simd128") {
    return createGeneratedKernels("simd128", { fused: false, tile: tier.separateTile });
  }
  return createGeneratedKernels(tier.name, { fused: true, tile: tier.tile });
}

/** Kernels to size a network with, wherever it will run: they ask for the most working memory that those of any tier do. */
export function sizingKernels(precision: Precision): Kernels {
  if (precision === "float64") return createReferenceKernels(precision);
  const all = [...new Set(Object.values(TILES).flat())].flatMap((tile) =>
    [false, true].map((fused) => createGeneratedKernels("sizing", { fused, tile })),
  );
  return { ...all[0], workingBytes: (list) => Math.max(...all.map((kernels) => kernels.workingBytes(list))) };
}

/**
 * Kernels with the bits of those called `name`, which a network was trained with, so that it predicts as it was
 * evaluated. Where this machine has no such kernels, those of its tier.
 */
export function recallKernels(name: string, tier: Tier, precision: Precision): Kernels {
  return createKernels(tier, precision, arithmeticOf(name) === "separate");
}

/** Whether kernels of these names give the same bits: those with fused multiply-add do, and those without. */
export function haveSameBits(one: string, other: string): boolean {
  return arithmeticOf(one) === arithmeticOf(other);
}

function arithmeticOf(name: string): string {
  if (name.endsWith("-float64")) return "double";
  return name.startsWith("simd128") || name.startsWith("reference") ? "separate" : "fused";
}

/** The tile known from before, if it is one that could have been measured; else the fastest. */
function chooseTile(fused: boolean, wide: boolean, { now }: ResolveOptions, known: Tile | undefined): Tile {
  const tiles: readonly Tile[] = wide ? (fused ? TILES.wideFused : TILES.wideSeparate) : TILES.narrow;
  return (
    tiles.find(({ rows, columns }) => rows === known?.rows && columns === known.columns) ??
    fastestTile(tiles, fused, now)
  );
}

type References = ReadonlyMap<Bench, Trial>;

function runReferences(): References {
  const reference = createReferenceKernels("float32");
  return new Map(BENCHES.map((bench) => [bench, run(bench, reference)]));
}

function run(bench: Bench, kernels: Kernels): Trial {
  const trial = prepare(bench, kernels);
  trial.call(trial.step);
  return trial;
}

/** What these kernels get wrong, in words. */
function selfTest(
  arithmetic: Arithmetic,
  tested: readonly Bench["arithmetic"][],
  references: References,
): string | undefined {
  const kernels = createGeneratedKernels("self-test", arithmetic);
  for (const bench of BENCHES.filter((candidate) => tested.includes(candidate.arithmetic))) {
    const fault = difference(bench, run(bench, kernels), references.get(bench)!, !arithmetic.fused);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** Modules that are valid only where the instructions exist. */
const VECTOR_PROBE = probe(() => f32x4.add(f32x4.const(1), f32x4.const(2)));
const FUSED_PROBE = probe(() => f32x4.relaxed_madd(f32x4.const(1), f32x4.const(2), f32x4.const(3)));

function probe(value: () => ReturnType<typeof f32x4.const>): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  module.function([], (f) => f.emit(v128.store(i32.const(0), value())), "run");
  return module.bytes();
}
