// The parameters of a tiny network in one line: row by row, tensor after tensor, in groups of four. Gradients and
// optimizer state stand in the same order, so that one pass updates everything, four elements in a vector.
// g_i = Σ_rows x_{k(i)}·dy_{j(i)}: the columns of a group are transposed, then its rows are added in their order, which
// is the order of gemm_tn and of its sums. A group may begin in one tensor and end in the next.
// Few groups stay in locals for a whole call, many in memory.
import type { Tensor } from "../../../tensor.ts";
import { elementCount } from "../../../tensor.ts";
import type { FunctionBuilder } from "../../wasm/function-builder.ts";
import { i32, i32x4, v128 } from "../../wasm/instructions.ts";
import type { V128 } from "../../wasm/instructions.ts";
import { multiplyAdd } from "../micro-kernel.ts";
import { transpose } from "./quad.ts";
import type { Column } from "./quad.ts";

const [LANES, BYTES] = [4, 16];

/** Place of each tensor in the line, in elements. */
export interface Line {
  readonly places: ReadonlyMap<Tensor, number>;
  readonly elements: number;
  readonly groups: number;
}

export function lineOf(tensors: readonly Tensor[]): Line {
  const places = new Map<Tensor, number>();
  let elements = 0;
  for (const tensor of tensors) {
    places.set(tensor.storage, elements);
    elements += elementCount(tensor);
  }
  return { places, elements, groups: Math.ceil(elements / LANES) };
}

/** Groups of four numbers that are read and written as vectors. */
export interface Groups {
  read(group: number): V128;
  write(group: number, value: V128): void;
}

export function groupsInMemory(f: FunctionBuilder, address: number): Groups {
  const start = i32.const(address);
  return {
    read: (group) => v128.load(start, BYTES * group),
    write: (group, value) => f.emit(v128.store(start, value, BYTES * group)),
  };
}

export function groupsInLocals(f: FunctionBuilder, locals: readonly Column[]): Groups {
  return { read: (group) => locals[group], write: (group, value) => f.set(locals[group], value) };
}

/** What adds up to each element of the gradient. */
export interface GradientTerms {
  readonly x: Column[];
  readonly dy: Column[];
}

/** Adds the terms of a quad's first `rows` rows to the gradients. */
export function accumulate(
  f: FunctionBuilder,
  { groups, elements }: Line,
  { x, dy }: GradientTerms,
  gradients: Groups,
  rows: number,
  fused: boolean,
): void {
  const known = new Map<string, Column[]>();
  const byRows = (columns: readonly Column[]): Column[] => {
    const key = columns.map(({ index }) => index).join();
    const found = known.get(key) ?? transpose(f, columns, rows);
    known.set(key, found);
    return found;
  };
  for (let group = 0; group < groups; group++) {
    // What fills up the last group counts for nothing.
    const at = [0, 1, 2, 3].map((lane) => Math.min(LANES * group + lane, elements - 1));
    const inputs = byRows(at.map((i) => x[i]));
    const errors = byRows(at.map((i) => dy[i]));
    const sum = f.local("v128", gradients.read(group));
    for (let row = 0; row < rows; row++) f.set(sum, multiplyAdd(fused, inputs[row], errors[row], sum));
    gradients.write(group, sum);
  }
}

/** One element in all lanes. */
export function element(groups: Groups | null, address: number, i: number): V128 {
  if (groups === null) return v128.load32_splat(i32.const(address), 4 * i);
  const [group, lane] = [groups.read(Math.floor(i / LANES)), i % LANES];
  return i32x4.shuffle(group, group, lane, lane, lane, lane);
}
