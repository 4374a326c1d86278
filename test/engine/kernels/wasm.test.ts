import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { signed, signedLong, unsigned } from "../../../src/engine/kernels/wasm/encoding.ts";
import type { FunctionBuilder } from "../../../src/engine/kernels/wasm/function-builder.ts";
import {
  f32,
  f32x4,
  f64,
  f64x2,
  i32,
  i32x4,
  i64,
  memory,
  select,
  v128,
} from "../../../src/engine/kernels/wasm/instructions.ts";
import type { F32, I32, V128, Value } from "../../../src/engine/kernels/wasm/instructions.ts";
import { ModuleBuilder } from "../../../src/engine/kernels/wasm/module-builder.ts";
import { webAssembly } from "../../../src/engine/kernels/wasm/web-assembly.ts";

const RESULT = 64;

/** Runs a function with i32 parameters over 64 KiB in which `given` stands at address 0; gives the memory back. */
function run(
  write: (f: FunctionBuilder) => void,
  { given = [], operands = [] }: { given?: readonly number[]; operands?: readonly number[] } = {},
): ArrayBuffer {
  const builder = new ModuleBuilder();
  builder.function(
    operands.map(() => "i32"),
    write,
    "run",
  );
  expect(webAssembly.validate(builder.bytes())).toBe(true);
  const over = new webAssembly.Memory({ initial: 1 });
  new Float32Array(over.buffer).set(given);
  builder.instantiate(over).run(...operands);
  return over.buffer as ArrayBuffer;
}

const at = (address: number): I32 => i32.const(address);
const floats = (buffer: ArrayBuffer, count = 4): number[] => [...new Float32Array(buffer, RESULT, count)];
const integer = (buffer: ArrayBuffer): number => new Int32Array(buffer, RESULT, 1)[0];
const single = fc.float({ noNaN: false });
const lanes = fc.array(single, { minLength: 4, maxLength: 4 });
const word = fc.integer();

describe("numbers in the binary format", () => {
  // The examples of the DWARF 4 standard, figures 22 and 23.
  it.each([
    [2, [2]],
    [127, [127]],
    [128, [0x80, 1]],
    [12857, [0xb9, 0x64]],
    [2 ** 32 - 1, [0xff, 0xff, 0xff, 0xff, 0x0f]],
  ])("unsigned %i", (value, bytes) => expect(unsigned(value)).toEqual(bytes));

  it.each([
    [2n, [2]],
    [-2n, [0x7e]],
    [127n, [0xff, 0]],
    [-127n, [0x81, 0x7f]],
    [128n, [0x80, 1]],
    [-128n, [0x80, 0x7f]],
  ])("signed %s", (value, bytes) => {
    expect(signed(Number(value))).toEqual(bytes);
    expect(signedLong(value)).toEqual(bytes);
  });

  it("every constant comes back as it was written", () => {
    fc.assert(
      fc.property(word, single, (n, x) => {
        const buffer = run((f) => f.emit(i32.store(at(RESULT), i32.const(n)), f32.store(at(RESULT + 4), f32.const(x))));
        expect(integer(buffer)).toBe(n);
        expect(floats(buffer, 2)[1]).toBe(x);
      }),
      { numRuns: 30 },
    );
  });
});

const INTEGER_TWINS: Record<string, [(a: I32, b: I32) => I32, (a: number, b: number) => number]> = {
  "i32.add": [i32.add, (a, b) => (a + b) | 0],
  "i32.sub": [i32.sub, (a, b) => (a - b) | 0],
  "i32.mul": [i32.mul, Math.imul],
  "i32.and": [i32.and, (a, b) => a & b],
  "i32.shl": [i32.shl, (a, b) => a << b],
  "i32.shr_u": [i32.shr_u, (a, b) => (a >>> b) | 0],
  "i32.eq": [i32.eq, (a, b) => Number(a === b)],
  "i32.lt_u": [i32.lt_u, (a, b) => Number(a >>> 0 < b >>> 0)],
  "i32.gt_u": [i32.gt_u, (a, b) => Number(a >>> 0 > b >>> 0)],
  "i32.ge_u": [i32.ge_u, (a, b) => Number(a >>> 0 >= b >>> 0)],
  "i32.div_u": [(a, b) => i32.div_u(a, select(b, i32.const(1), b)), (a, b) => ((a >>> 0) / (b >>> 0 || 1)) | 0],
  "i32.rem_u": [(a, b) => i32.rem_u(a, select(b, i32.const(1), b)), (a, b) => ((a >>> 0) % (b >>> 0 || 1)) | 0],
  "i64.mul, shr_u: the upper half of a product": [
    (a, b) => i32.wrap_i64(i64.shr_u(i64.mul(i64.extend_i32_u(a), i64.extend_i32_u(b)), i64.const(32n))),
    (a, b) => Number(BigInt.asIntN(32, (BigInt(a >>> 0) * BigInt(b >>> 0)) >> 32n)),
  ],
  "i64.xor, and, add, lt_u": [
    (a, b) =>
      i64.lt_u(
        i64.xor(i64.extend_i32_u(a), i64.extend_i32_u(b)),
        i64.and(i64.add(i64.extend_i32_u(a), i64.const(1n)), i64.const(0xffffffffn)),
      ),
    (a, b) => Number((a ^ b) >>> 0 < (a + 1) >>> 0),
  ],
};

describe("an encoded integer function does what its TypeScript twin does", () => {
  it.each(Object.entries(INTEGER_TWINS))("%s", (_name, [encoded, twin]) => {
    fc.assert(
      fc.property(word, fc.oneof(word, fc.integer({ min: 0, max: 40 })), (a, b) => {
        const write = (f: FunctionBuilder): void =>
          f.emit(i32.store(at(RESULT), encoded(f.parameter(0, "i32"), f.parameter(1, "i32"))));
        expect(integer(run(write, { operands: [a, b] }))).toBe(twin(a, b));
      }),
      { numRuns: 30 },
    );
  });
});

const round = Math.fround;
const pmin = (a: number, b: number): number => (b < a ? b : a);
const pmax = (a: number, b: number): number => (a < b ? b : a);

const LANE_TWINS: Record<string, [(a: V128, b: V128) => V128, (a: number, b: number) => number]> = {
  "f32x4.add": [f32x4.add, (a, b) => a + b],
  "f32x4.sub": [f32x4.sub, (a, b) => a - b],
  "f32x4.mul": [f32x4.mul, (a, b) => a * b],
  "f32x4.div": [f32x4.div, (a, b) => a / b],
  "f32x4.min": [f32x4.min, Math.min],
  "f32x4.max": [f32x4.max, Math.max],
  "f32x4.pmin": [f32x4.pmin, pmin],
  "f32x4.pmax": [f32x4.pmax, pmax],
  "f32x4.sqrt": [f32x4.sqrt, Math.sqrt],
  "f32x4.abs": [f32x4.abs, Math.abs],
  "f32x4.neg": [f32x4.neg, (a) => -a],
  "f32x4.gt and v128.and": [(a, b) => v128.and(a, f32x4.gt(a, b)), (a, b) => (a > b ? a : 0)],
  "f32x4.ge and v128.andnot": [(a, b) => v128.andnot(a, f32x4.ge(a, b)), (a, b) => (a >= b ? 0 : a)],
  "f32x4.lt and v128.bitselect": [(a, b) => v128.bitselect(a, b, f32x4.lt(a, b)), (a, b) => (a < b ? a : b)],
  "f32x4.le, eq, v128.or": [
    (a, b) => v128.or(v128.and(a, f32x4.le(a, b)), v128.and(b, f32x4.eq(b, a))),
    (a, b) => (a <= b ? a : 0),
  ],
  "v128.xor twice": [(a, b) => v128.xor(v128.xor(a, b), b), (a) => a],
};

describe("an encoded vector function does in every lane what its TypeScript twin does", () => {
  it.each(Object.entries(LANE_TWINS))("%s", (_name, [encoded, twin]) => {
    fc.assert(
      fc.property(lanes, lanes, (a, b) => {
        const write = (f: FunctionBuilder): void =>
          f.emit(v128.store(at(RESULT), encoded(v128.load(at(0)), v128.load(at(0), 16))));
        expect(floats(run(write, { given: [...a, ...b] }))).toEqual(a.map((x, lane) => round(twin(x, b[lane]))));
      }),
      { numRuns: 30 },
    );
  });

  const GIVEN = [1.5, -2, 3, 4, 5, 6, 7, 8];
  const [a, b] = [v128.load(at(0)), v128.load(at(0), 16)];
  const shifted = i32x4.shr_s(i32x4.shl(i32x4.const(-3), i32.const(4)), i32.const(2));
  it.each<[string, V128, number[]]>([
    ["f32x4.const", f32x4.const(0.1), Array(4).fill(round(0.1))],
    ["f32x4.splat", f32x4.splat(f32.const(3)), [3, 3, 3, 3]],
    ["f32x4.replace_lane", f32x4.replace_lane(a, 2, f32.const(9)), [1.5, -2, 9, 4]],
    ["v128.load32_splat", v128.load32_splat(at(0), 4), [-2, -2, -2, -2]],
    ["v128.load32_zero", v128.load32_zero(at(4)), [-2, 0, 0, 0]],
    ["v128.load64_zero", v128.load64_zero(at(4)), [-2, 3, 0, 0]],
    ["i32x4.shuffle", i32x4.shuffle(a, b, 0, 5, 2, 7), [1.5, 6, 3, 8]],
    ["i32x4 shifts and f32x4.convert_i32x4_s", f32x4.convert_i32x4_s(shifted), [-12, -12, -12, -12]],
    [
      "i32x4.add, sub",
      f32x4.convert_i32x4_s(i32x4.sub(i32x4.const(5), i32x4.add(i32x4.const(1), i32x4.const(2)))),
      [2, 2, 2, 2],
    ],
    ["i32x4.shr_u", f32x4.convert_i32x4_s(i32x4.shr_u(i32x4.const(-1), i32.const(30))), [3, 3, 3, 3]],
    // Exact in both roundings, so this holds on every machine.
    ["f32x4.relaxed_madd", f32x4.relaxed_madd(a, b, f32x4.const(0.5)), [8, -11.5, 21.5, 32.5]],
  ])("%s", (_name, encoded, expected) => {
    expect(floats(run((f) => f.emit(v128.store(at(RESULT), encoded)), { given: GIVEN }))).toEqual(expected);
  });

  it("single lanes and pairs of lanes are stored alone", () => {
    const buffer = run((f) => f.emit(v128.store32_lane(at(RESULT), b, 2), v128.store64_lane(at(RESULT), b, 1, 8)), {
      given: GIVEN,
    });
    expect(floats(buffer)).toEqual([7, 0, 7, 8]);
  });
});

describe("scalars of both precisions", () => {
  it("promote, compute and demote", () => {
    const sum = f64.add(f64.promote_f32(f32.load(at(0))), f64.const(0.1));
    const root = f64.sqrt(f64.div(sum, f64.const(3)));
    const wide = f64x2.mul(
      f64x2.promote_low_f32x4(v128.load64_zero(at(0))),
      f64x2.add(f64x2.const(2), f64x2.const(0.5)),
    );
    const buffer = run(
      (f) => {
        f.emit(
          f32.store(at(RESULT), f32.demote_f64(root)),
          f32.store(at(RESULT + 4), f32.demote_f64(f64x2.extract_lane(wide, 1))),
        );
        f.emit(i32.store(at(RESULT + 8), f64.gt(f64.const(2), f64.const(1))));
      },
      { given: [1.5, 4] },
    );
    expect(floats(buffer, 2)).toEqual([round(Math.sqrt((1.5 + 0.1) / 3)), 10]);
    expect(new Int32Array(buffer, RESULT + 8, 1)[0]).toBe(1);
  });

  it("f32 arithmetic and comparisons", () => {
    const [x, y] = [f32.load(at(0)), f32.load(at(0), 4)];
    const results: Value[] = [
      f32.add(x, y),
      f32.sub(x, y),
      f32.mul(x, y),
      f32.div(x, y),
      f32.abs(y),
      f32.demote_f64(f64.convert_i32_u(at(7))),
    ];
    const tests: I32[] = [f32.gt(x, y), f32.le(x, y), f32.ne(x, x), i32.eqz(f32.ne(x, y)), i32.trunc_sat_f32_s(x)];
    const buffer = run(
      (f) => {
        results.forEach((value, i) => f.emit(f32.store(at(RESULT), value as F32, 4 * i)));
        tests.forEach((value, i) => f.emit(i32.store(at(RESULT), value, 64 + 4 * i)));
      },
      { given: [3.5, -2] },
    );
    expect(floats(buffer, 6)).toEqual([1.5, 5.5, -7, -1.75, 2, 7]);
    expect([...new Int32Array(buffer, RESULT + 64, 5)]).toEqual([1, 0, 0, 0, 3]);
  });
});

describe("control", () => {
  it("countDown runs its body as often as the local says, repeat also no times", () => {
    const counted = (count: number): number =>
      integer(
        run(
          (f) => {
            const [left, times] = [f.local("i32", f.parameter(0, "i32")), f.local("i32")];
            f.repeat(left, () => f.advance(times, 3));
            f.emit(i32.store(at(RESULT), times));
          },
          { operands: [count] },
        ),
      );
    expect([0, 1, 5].map(counted)).toEqual([0, 3, 15]);
  });

  it("if takes one branch, calls reach shared functions, and a key is written once", () => {
    const builder = new ModuleBuilder();
    const double = (): FunctionBuilder =>
      builder.shared("double", ["i32", "i32"], (f) => {
        const x = f.parameter(1, "i32");
        f.emit(i32.store(f.parameter(0, "i32"), i32.add(x, x)));
      });
    builder.function(
      ["i32"],
      (f) =>
        f.if(
          i32.eqz(f.parameter(0, "i32")),
          () => f.call(double(), at(RESULT), i32.const(21)),
          () => f.call(double(), at(RESULT), i32.const(4)),
        ),
      "run",
    );
    expect(double().index).toBe(1);
    const over = new webAssembly.Memory({ initial: 1 });
    const exported = builder.instantiate(over);
    exported.run(0);
    expect(integer(over.buffer as ArrayBuffer)).toBe(42);
    exported.run(1);
    expect(integer(over.buffer as ArrayBuffer)).toBe(8);
  });

  it("memory.fill and memory.copy", () => {
    const buffer = run(
      (f) => f.emit(memory.copy(at(RESULT), at(0), at(16)), memory.fill(at(RESULT + 4), at(0), at(8))),
      {
        given: [1, 2, 3, 4],
      },
    );
    expect(floats(buffer)).toEqual([1, 0, 0, 4]);
  });

  it("refuses operands of another type than the callee's parameters, and a parameter that is not there", () => {
    const builder = new ModuleBuilder();
    const callee = builder.function(["f32"], () => {});
    expect(() => builder.function([], (f) => f.call(callee, i32.const(1)))).toThrow("takes (f32)");
    expect(() => builder.function(["i32"], (f) => f.parameter(0, "f32"))).toThrow("is not f32");
  });
});
