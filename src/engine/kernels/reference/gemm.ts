// Matrix products, the products of each sum added in ascending k, rounded after every multiply and every add.
// gemm_nn   c = a·b      a (B,k)  b (k,n)  c (B,n); with a bias (n), each sum begins with it
// gemm_tn   c += aᵀ·b    a (B,m)  b (B,n)  c (m,n); where wanted, sum += Σ_B b
// gemm_nt   c = a·bᵀ     a (B,n)  b (k,n)  c (B,k)
// Four steps of k run with the element of c in a local: the order of operations is that of the plain loop, and c is
// loaded and stored a quarter as often.
import type { Elements } from "../../tensor.ts";
import type { Family, Round } from "./family.ts";

export function gemmKernels(round: Round): Family<"gemm_nn" | "gemm_tn" | "gemm_nt"> {
  return {
    gemm_nn: (operation, memory) => {
      const [a, b, c] = [memory.view(operation.a), memory.view(operation.b), memory.view(operation.c)];
      const bias = operation.bias ? memory.view(operation.bias) : null;
      const [depth, width] = operation.b.shape;
      const rowsPerSample = operation.c.rowSize / width;
      return (step) => {
        const rows = step.rows * rowsPerSample;
        for (let i = 0; i < rows; i++) {
          if (bias === null) c.fill(0, i * width, (i + 1) * width);
          else c.set(bias, i * width);
          addRowTimesMatrix(a, i * depth, 1, depth, b, c, i * width, width);
        }
      };
    },
    gemm_tn: (operation, memory) => {
      const [a, b, c] = [memory.view(operation.a), memory.view(operation.b), memory.view(operation.c)];
      const sum = operation.sum ? memory.view(operation.sum) : null;
      const [height, width] = operation.c.shape;
      const rowsPerSample = operation.b.rowSize / width;
      return (step) => {
        const depth = step.rows * rowsPerSample;
        if (sum !== null) addRows(b, depth, sum);
        for (let i = 0; i < height; i++) addRowTimesMatrix(a, i, height, depth, b, c, i * width, width);
      };
    },
    gemm_nt: (operation, memory) => {
      const [a, b, c] = [memory.view(operation.a), memory.view(operation.b), memory.view(operation.c)];
      const [width, depth] = operation.b.shape;
      const rowsPerSample = operation.a.rowSize / depth;
      return (step) => {
        const rows = step.rows * rowsPerSample;
        for (let i = 0; i < rows; i++) rowTimesTransposed(a, i * depth, depth, b, c, i * width, width);
      };
    },
  };

  /** sum[j] += Σ_k b[k,j] */
  function addRows(b: Elements, depth: number, sum: Elements): void {
    for (let k = 0; k < depth; k++) {
      for (let j = 0; j < sum.length; j++) sum[j] = round(sum[j] + b[k * sum.length + j]);
    }
  }

  /** c[j] += Σ_k a[k]·b[k,j]; element k of the row of a lies `aStride` after element k−1. */
  function addRowTimesMatrix(
    a: Elements,
    aStart: number,
    aStride: number,
    depth: number,
    b: Elements,
    c: Elements,
    cStart: number,
    width: number,
  ): void {
    const whole = depth - (depth % 4);
    let at = aStart;
    let row = 0;
    for (let k = 0; k < whole; k += 4, at += 4 * aStride, row += 4 * width) {
      const a0 = a[at];
      const a1 = a[at + aStride];
      const a2 = a[at + 2 * aStride];
      const a3 = a[at + 3 * aStride];
      for (let j = 0; j < width; j++) {
        let sum = c[cStart + j];
        sum = round(sum + round(a0 * b[row + j]));
        sum = round(sum + round(a1 * b[row + width + j]));
        sum = round(sum + round(a2 * b[row + 2 * width + j]));
        sum = round(sum + round(a3 * b[row + 3 * width + j]));
        c[cStart + j] = sum;
      }
    }
    for (let k = whole; k < depth; k++, at += aStride, row += width) {
      const a0 = a[at];
      for (let j = 0; j < width; j++) c[cStart + j] = round(c[cStart + j] + round(a0 * b[row + j]));
    }
  }

  /** c[j] = Σ_k a[k]·b[j,k]; four columns at a time, because the adds of one column wait for each other. */
  function rowTimesTransposed(
    a: Elements,
    aStart: number,
    depth: number,
    b: Elements,
    c: Elements,
    cStart: number,
    width: number,
  ): void {
    const whole = width - (width % 4);
    for (let j = 0; j < whole; j += 4) {
      const [row0, row1, row2, row3] = [j * depth, (j + 1) * depth, (j + 2) * depth, (j + 3) * depth];
      let [sum0, sum1, sum2, sum3] = [0, 0, 0, 0];
      for (let k = 0; k < depth; k++) {
        const ak = a[aStart + k];
        sum0 = round(sum0 + round(ak * b[row0 + k]));
        sum1 = round(sum1 + round(ak * b[row1 + k]));
        sum2 = round(sum2 + round(ak * b[row2 + k]));
        sum3 = round(sum3 + round(ak * b[row3 + k]));
      }
      c[cStart + j] = sum0;
      c[cStart + j + 1] = sum1;
      c[cStart + j + 2] = sum2;
      c[cStart + j + 3] = sum3;
    }
    for (let j = whole; j < width; j++) {
      let sum = 0;
      for (let k = 0; k < depth; k++) sum = round(sum + round(a[aStart + k] * b[j * depth + k]));
      c[cStart + j] = sum;
    }
  }
}
