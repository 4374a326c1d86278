import { expect, it } from "vitest";
import { f32x4, i32, v128 } from "../../../src/engine/kernels/wasm/instructions.ts";
import { ModuleBuilder } from "../../../src/engine/kernels/wasm/module-builder.ts";
import { webAssembly } from "../../../src/engine/kernels/wasm/web-assembly.ts";

it("a pinned constant is one local with the constant's bits, wherever in the function it is asked for", () => {
  const numbers = [1.5, -0, 3.4e38, Number.NaN, 1e-45];
  const module = new ModuleBuilder();
  module.function(
    [],
    (f) => {
      f.repeat(f.local("i32", i32.const(1)), () => {
        numbers.forEach((x, index) => f.emit(v128.store(i32.const(16 * index), f.pinned(f32x4.const(x)))));
      });
      expect(f.pinned(f32x4.const(1.5))).toBe(f.pinned(f32x4.const(1.5)));
      expect(f.pinned(f32x4.const(0))).not.toBe(f.pinned(f32x4.const(-0)));
    },
    "run",
  );
  const memory = new webAssembly.Memory({ initial: 1 });
  module.instantiate(memory).run();
  const stored = new Float32Array(memory.buffer, 0, 4 * numbers.length);
  stored.forEach((value, i) => expect(value).toBe(Math.fround(numbers[Math.floor(i / 4)])));
});

it("locals of a scope are used again by what comes after it, but not those without an initial value, nor pinned ones", () => {
  const module = new ModuleBuilder();
  const indices: number[] = [];
  module.function(
    [],
    (f) => {
      const zero = f.local("i32");
      for (const [place, x] of [3, 5].entries()) {
        f.scope(() => {
          const value = f.local("v128", v128.or(f.pinned(f32x4.const(x)), f32x4.const(0)));
          indices.push(value.index);
          f.emit(v128.store(i32.const(16 * place), value));
        });
      }
      expect(f.local("v128").index).not.toBe(indices[0]);
      f.emit(i32.store(i32.const(32), zero), v128.store(i32.const(48), f.pinned(f32x4.const(3))));
    },
    "run",
  );
  expect(indices[0]).toBe(indices[1]);
  const memory = new webAssembly.Memory({ initial: 1 });
  module.instantiate(memory).run();
  const stored = new Float32Array(memory.buffer);
  expect([0, 4, 8, 12].map((at) => stored[at])).toEqual([3, 5, 0, 3]);
});
