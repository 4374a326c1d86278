// Elements: sums over the batch, clearing, copying, products. Same order of operations as the reference, so the same bits.
// sum_rows   sum += Σ_B x, over ascending rows       x (B,n)  sum (n): 16 columns at a time in registers, down all rows
// clear      every tensor = 0
// copy       y = x
// add        c = a + b
// multiply   c = a ⊙ b
// multiply_channels   y = x ⊙ factors in every pixel or step    x, y (B,…,C)  factors (B,C)
// add_row    y = x + row in every row of the batch   row (n)  x, y (B,n)
// scale      x ← factor·x
import { elementCount } from "../../tensor.ts";
import type { Tensor } from "../../tensor.ts";
import type { FunctionBuilder } from "../wasm/function-builder.ts";
import { f32x4, i32, memory, v128 } from "../wasm/instructions.ts";
import type { ModuleBuilder } from "../wasm/module-builder.ts";
import { loadColumns, storeColumns, vectorsFor } from "./columns.ts";
import { elementFunction } from "./element-loop.ts";
import type { Emission, Emitters } from "./emission.ts";

type Kind = "sum_rows" | "clear" | "copy" | "add" | "multiply" | "multiply_channels" | "add_row" | "scale";

export const ELEMENT_EMITTERS: Emitters<Kind> = {
  sum_rows(operation, emission) {
    emitSumRows(emission, operation.x, operation.sum, emission.overwrites(operation));
  },
  clear({ tensors }, { f, address }) {
    for (const tensor of tensors) {
      f.emit(memory.fill(address(tensor), i32.const(0), i32.const(4 * elementCount(tensor))));
    }
  },
  copy({ x, y }, { f, address, count }) {
    f.emit(memory.copy(address(y), address(x), i32.shl(count(x), i32.const(2))));
  },
  add({ a, b, c }, { module, f, address, count }) {
    const sum = elementFunction(module, "add", [2, 1, 0], (_f, [x, y]) => [f32x4.add(x, y)]);
    f.call(sum, count(c), address(a), address(b), address(c));
  },
  multiply({ a, b, c }, { module, f, address, count }) {
    const product = elementFunction(module, "multiply", [2, 1, 0], (_f, [x, y]) => [f32x4.mul(x, y)]);
    f.call(product, count(c), address(a), address(b), address(c));
  },
  multiply_channels({ x, factors, y }, { module, f, rows, address }) {
    const product = elementFunction(module, "multiply", [2, 1, 0], (_f, [a, b]) => [f32x4.mul(a, b)]);
    const channels = factors.rowSize;
    const run = module.function(["i32"], (body) => {
      const [from, to, beside] = [x, y, factors].map((tensor) => body.local("i32", address(tensor)));
      body.countDown(body.parameter(0, "i32"), () => {
        body.countDown(body.local("i32", i32.const(x.rowSize / channels)), () => {
          body.call(product, i32.const(channels), from, beside, to);
          for (const pointer of [from, to]) body.advance(pointer, 4 * channels);
        });
        body.advance(beside, 4 * channels);
      });
    });
    f.call(run, rows);
  },
  add_row({ x, row, y }, { module, f, rows, address }) {
    const sum = elementFunction(module, "add", [2, 1, 0], (_f, [a, b]) => [f32x4.add(a, b)]);
    const run = module.function(["i32"], (body) => {
      const [from, to] = [body.local("i32", address(x)), body.local("i32", address(y))];
      body.countDown(body.parameter(0, "i32"), () => {
        body.call(sum, i32.const(row.rowSize), from, address(row), to);
        for (const pointer of [from, to]) body.advance(pointer, 4 * row.rowSize);
      });
    });
    f.call(run, rows);
  },
  scale({ x, factor }, { module, f, address, count }) {
    const scaled = elementFunction(module, `scale ${factor}`, [1, 1, 0], (_f, [y]) => [
      f32x4.mul(f32x4.const(factor), y),
    ]);
    f.call(scaled, count(x), address(x), address(x));
  },
};

const SUM_COLUMNS = 16;

/** sum += Σ_B x, or sum = where it overwrites. x (B,n)  sum (n) */
export function emitSumRows({ module, f, address, count }: Emission, x: Tensor, sum: Tensor, overwrite: boolean): void {
  const rows = i32.div_u(count(x), i32.const(sum.rowSize));
  f.call(sumRowsFunction(module, sum.rowSize, overwrite), address(x), address(sum), rows);
}

/** (x, sum, rows) */
function sumRowsFunction(module: ModuleBuilder, width: number, overwrite: boolean): FunctionBuilder {
  return module.shared(`sum_rows ${width} ${overwrite}`, ["i32", "i32", "i32"], (f) => {
    const [x, sum, rows] = [f.parameter(0, "i32"), f.parameter(1, "i32"), f.parameter(2, "i32")];
    const [at, left] = [f.local("i32"), f.local("i32")];
    const strip = (columns: number): void => {
      const sums = overwrite
        ? vectorsFor(columns).map(() => f.local("v128", f32x4.const(0)))
        : loadColumns(f, sum, columns);
      f.set(at, x);
      f.set(left, rows);
      f.countDown(left, () => {
        sums.forEach((total, index) => f.set(total, f32x4.add(total, v128.load(at, 16 * index))));
        f.advance(at, 4 * width);
      });
      storeColumns(f, sum, sums, columns);
    };
    f.repeat(f.local("i32", i32.const(Math.floor(width / SUM_COLUMNS))), () => {
      strip(SUM_COLUMNS);
      f.advance(x, 4 * SUM_COLUMNS);
      f.advance(sum, 4 * SUM_COLUMNS);
    });
    if (width % SUM_COLUMNS > 0) strip(width % SUM_COLUMNS);
  });
}
