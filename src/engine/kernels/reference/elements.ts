// Elements: sums over the batch, clearing, copying, products.
// sum_rows   sum += Σ_B x, over ascending rows       x (B,n)  sum (n)
// clear      every tensor = 0
// copy       y = x
// add        c = a + b
// multiply   c = a ⊙ b
// multiply_channels   y = x ⊙ factors in every pixel or step    x, y (B,…,C)  factors (B,C)
// add_row    y = x + row in every row of the batch   row (n)  x, y (B,n)
// scale      x ← factor·x
import { activeCount } from "../../tensor.ts";
import type { Family, Round } from "./family.ts";

export function elementKernels(
  round: Round,
): Family<"sum_rows" | "clear" | "copy" | "add" | "multiply" | "multiply_channels" | "add_row" | "scale"> {
  return {
    sum_rows: (operation, memory) => {
      const [x, sum] = [memory.view(operation.x), memory.view(operation.sum)];
      return (step) => {
        const count = activeCount(operation.x, step.rows);
        for (let start = 0; start < count; start += sum.length) {
          for (let j = 0; j < sum.length; j++) sum[j] = round(sum[j] + x[start + j]);
        }
      };
    },
    clear: (operation, memory) => {
      const views = operation.tensors.map((tensor) => memory.view(tensor));
      return () => {
        for (const view of views) view.fill(0);
      };
    },
    copy: (operation, memory) => {
      const [x, y] = [memory.view(operation.x), memory.view(operation.y)];
      return (step) => {
        const count = activeCount(operation.x, step.rows);
        for (let i = 0; i < count; i++) y[i] = x[i];
      };
    },
    add: (operation, memory) => {
      const [a, b, c] = [memory.view(operation.a), memory.view(operation.b), memory.view(operation.c)];
      return (step) => {
        const count = activeCount(operation.c, step.rows);
        for (let i = 0; i < count; i++) c[i] = round(a[i] + b[i]);
      };
    },
    multiply_channels: (operation, memory) => {
      const [x, factors, y] = [memory.view(operation.x), memory.view(operation.factors), memory.view(operation.y)];
      const [row, channels] = [operation.x.rowSize, operation.factors.rowSize];
      return (step) => {
        const count = activeCount(operation.x, step.rows);
        for (let i = 0; i < count; i++) y[i] = round(x[i] * factors[Math.floor(i / row) * channels + (i % channels)]);
      };
    },
    add_row: (operation, memory) => {
      const [x, row, y] = [memory.view(operation.x), memory.view(operation.row), memory.view(operation.y)];
      return (step) => {
        const count = activeCount(operation.y, step.rows);
        for (let i = 0; i < count; i++) y[i] = round(x[i] + row[i % row.length]);
      };
    },
    scale: (operation, memory) => {
      const [x, factor] = [memory.view(operation.x), round(operation.factor)];
      return (step) => {
        const count = activeCount(operation.x, step.rows);
        for (let i = 0; i < count; i++) x[i] = round(factor * x[i]);
      };
    },
    multiply: (operation, memory) => {
      const [a, b, c] = [memory.view(operation.a), memory.view(operation.b), memory.view(operation.c)];
      return (step) => {
        const count = activeCount(operation.c, step.rows);
        for (let i = 0; i < count; i++) c[i] = round(a[i] * b[i]);
      };
    },
  };
}
