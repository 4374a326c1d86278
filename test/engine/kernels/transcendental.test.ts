import { describe, expect, it } from "vitest";
import { emitElementLoop } from "../../../src/engine/kernels/generated/element-loop.ts";
import {
  exponential,
  hyperbolicTangent,
  logarithm,
  logarithmOfOnePlus,
  sigmoid,
} from "../../../src/engine/kernels/generated/transcendental.ts";
import type { FunctionBuilder, Local } from "../../../src/engine/kernels/wasm/function-builder.ts";
import { roundTo } from "../../../src/engine/kernels/reference/family.ts";
import { transcendental } from "../../../src/engine/kernels/reference/transcendental.ts";
import { i32 } from "../../../src/engine/kernels/wasm/instructions.ts";
import { ModuleBuilder } from "../../../src/engine/kernels/wasm/module-builder.ts";
import { webAssembly } from "../../../src/engine/kernels/wasm/web-assembly.ts";

type Emitted = (f: FunctionBuilder, x: Local<"v128">) => Local<"v128">;

/** The emitted function of every argument. */
function apply(emitted: Emitted, points: Float32Array): Float32Array {
  const module = new ModuleBuilder();
  const [from, to] = [i32.const(0), i32.const(points.byteLength)];
  module.function(
    [],
    (f) =>
      emitElementLoop(f, {
        count: i32.const(points.length),
        inputs: [from],
        outputs: [to],
        compute: (body, [x]) => [emitted(body, x)],
      }),
    "run",
  );
  const memory = new webAssembly.Memory({ initial: Math.ceil((2 * points.byteLength) / 65536) });
  new Float32Array(memory.buffer).set(points);
  module.instantiate(memory).run();
  return new Float32Array(memory.buffer, points.byteLength, points.length);
}

/** Distance between neighbouring single-precision numbers at x; 2⁻¹⁴⁹ among the denormals. */
function unitInLastPlace(x: number): number {
  return 2 ** (Math.max(-126, Math.floor(Math.log2(Math.abs(x)))) - 23);
}

function worstError(emitted: Emitted, exact: (x: number) => number, points: Float32Array): number {
  const results = apply(emitted, points);
  return points.reduce((worst, x, i) => {
    const wanted = exact(x);
    const error =
      wanted === 0 ? Math.abs(results[i]) / 2 ** -149 : Math.abs(results[i] - wanted) / unitInLastPlace(wanted);
    return Math.max(worst, error);
  }, 0);
}

const COUNT = 200_000;
const evenly = (low: number, high: number): Float32Array =>
  Float32Array.from({ length: COUNT }, (_, i) => low + ((high - low) * i) / (COUNT - 1));
const exponentially = (low: number, high: number): Float32Array => evenly(low, high).map((e) => 2 ** e);

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));

/** Numbers of every sign and size, NaN, infinities and denormals among them: any 32 bits are one. */
const anything = new Float32Array(Uint32Array.from({ length: COUNT }, (_, i) => Math.imul(i + 1, 0x9e3779b1)).buffer);

describe("the reference of the vector functions", () => {
  const single = transcendental(roundTo("float32"));
  const range = new Float32Array([...evenly(-110, 95), ...evenly(-1, 1), ...exponentially(-149, 127), ...anything]);

  it.each<[keyof typeof single, Emitted, Float32Array]>([
    ["exp", exponential, range],
    ["log", logarithm, range],
    ["log1p", (f, x) => logarithmOfOnePlus(f, x), evenly(0, 1)],
    ["tanh", hyperbolicTangent, range],
    ["sigmoid", sigmoid, range],
  ])("has the bits of %s, for numbers of every size", (name, emitted, points) => {
    const results = apply(emitted, points);
    const wrong = points.findIndex((x, i) => !Object.is(single[name](x), results[i]));
    expect(wrong === -1 ? "none" : `${name}(${points[wrong]}) is ${results[wrong]}`).toBe("none");
  });

  it("is the language's own in double precision", () => {
    const double = transcendental(roundTo("float64"));
    for (const x of [-2.5, -0.1, 0, 0.3, 1, 7]) {
      expect(double.exp(x)).toBe(Math.exp(x));
      expect(double.tanh(x)).toBe(Math.tanh(x));
      expect(double.sigmoid(x)).toBe(1 / (1 + Math.exp(-x)));
    }
    for (const x of [0.2, 1, 3]) expect(double.log(x)).toBe(Math.log(x));
    expect(double.log1p(1e-9)).toBe(Math.log1p(1e-9));
  });
});

// The bounds are the worst errors seen, rounded up; transcendental.ts states them.
describe("the vector functions, in units in the last place of the exact value, over 200,000 points each", () => {
  it.each<[string, Emitted, (x: number) => number, Float32Array, number]>([
    ["exp where the result is normal", exponential, Math.exp, evenly(-87.3, 88.7), 1],
    ["exp where the result is denormal", exponential, Math.exp, evenly(-103.9, -87.3), 1],
    ["exp near 0", exponential, Math.exp, evenly(-1, 1), 1],
    ["log from 2⁻¹²⁶ to 2¹²⁷", logarithm, Math.log, exponentially(-126, 127), 0.9],
    ["log near 1", logarithm, Math.log, evenly(0.5, 2), 0.9],
    ["log(1 + x)", (f, x) => logarithmOfOnePlus(f, x), Math.log1p, exponentially(-100, 0), 1.2],
    ["tanh", hyperbolicTangent, Math.tanh, evenly(-10, 10), 1.3],
    ["tanh near 0", hyperbolicTangent, Math.tanh, exponentially(-100, 0), 1.3],
    ["sigmoid", sigmoid, logistic, evenly(-87, 20), 2.5],
  ])("%s", (_name, emitted, exact, points, bound) => {
    expect(worstError(emitted, exact, points)).toBeLessThan(bound);
  });

  it.each<[string, Emitted, number[]]>([
    ["exp", exponential, [NaN, 0, Infinity, 1, 1, 0, Infinity]],
    ["log", logarithm, [NaN, NaN, Infinity, -Infinity, -Infinity, NaN, Math.fround(Math.log(3e38))]],
    ["tanh", hyperbolicTangent, [NaN, -1, 1, 0, -0, -1, 1]],
    ["sigmoid", sigmoid, [NaN, 0, 1, 0.5, 0.5, 0, 1]],
  ])("%s of NaN, −∞, ∞, 0, −0, −3e38, 3e38", (name, emitted, expected) => {
    const results = apply(emitted, Float32Array.of(NaN, -Infinity, Infinity, 0, -0, -3e38, 3e38));
    // log is made for positive numbers: of the others only NaN is asked for.
    const asked = name === "log" ? [0, 2, 6] : [0, 1, 2, 3, 4, 5, 6];
    expect(asked.map((i) => results[i])).toEqual(asked.map((i) => expected[i]));
  });
});
