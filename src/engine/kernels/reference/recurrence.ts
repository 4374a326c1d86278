// What the recurrent kernels share: the product of one row with the recurrent weights, over ascending k, and states.
import type { Memory } from "../../memory.ts";
import type { Elements, Tensor } from "../../tensor.ts";
import type { Round } from "./family.ts";

/** A row of numbers within a tensor. */
export interface Row {
  readonly values: Elements;
  readonly start: number;
}

/** y[j] += Σ_k x[k]·U[k,j]      x (height)  U (height,width)  y (width) */
export function addTimes(round: Round, x: Row, U: Elements, height: number, width: number, y: Row): void {
  for (let k = 0; k < height; k++) {
    const xk = x.values[x.start + k];
    for (let j = 0; j < width; j++) {
      y.values[y.start + j] = round(y.values[y.start + j] + round(xk * U[k * width + j]));
    }
  }
}

/** y[j] += Σ_k x[k]·U[j,k]      x (width)  U (height,width)  y (height) */
export function addTimesTransposed(round: Round, x: Row, U: Elements, height: number, width: number, y: Row): void {
  for (let j = 0; j < height; j++) {
    let sum = y.values[y.start + j];
    for (let k = 0; k < width; k++) sum = round(sum + round(x.values[x.start + k] * U[j * width + k]));
    y.values[y.start + j] = sum;
  }
}

/** The numbers of a tensor that may be missing. */
export function viewOf(memory: Memory, tensor: Tensor | null): Elements | null {
  return tensor && memory.view(tensor);
}

/** Writes the state before the first step, `units` numbers: that of the row in `initial`, or zero. */
export function begin(state: Elements, start: number, initial: Elements | null, row: number, units: number): void {
  for (let j = 0; j < units; j++) state[start + j] = initial === null ? 0 : initial[row * units + j];
}

/** to[j] = x[j]·mask[j] for the units of one row; nothing without a mask. */
export function applyMask(round: Round, x: Row, mask: Elements | null, row: number, units: number, to: Row): void {
  if (mask === null) return;
  for (let j = 0; j < units; j++) to.values[to.start + j] = round(x.values[x.start + j] * mask[row * units + j]);
}
