// How the generated kernels are written: one table per family, from the kind of an operation to the code that emits it.
import type { OperationKind, OperationOf } from "../../operations.ts";
import type { Tensor } from "../../tensor.ts";
import type { FunctionBuilder, Local } from "../wasm/function-builder.ts";
import type { F32, I32 } from "../wasm/instructions.ts";
import type { ModuleBuilder } from "../wasm/module-builder.ts";
import type { WriteScalar } from "./step-scalars.ts";

/** Rows × columns of the result that one micro-kernel keeps in registers. Changes the speed, never a bit. */
export interface Tile {
  /** 4 or 6 */
  readonly rows: number;
  /** 8 or 16 */
  readonly columns: number;
}

export interface Arithmetic {
  /** True: a·b + c by relaxed_madd, rounded once where the machine can. False: multiply, round, add, round. */
  readonly fused: boolean;
  readonly tile: Tile;
}

/** The list being generated: operations add their calls to one function. */
export interface Emission {
  readonly module: ModuleBuilder;
  /** Runs the operations one after another. */
  readonly f: FunctionBuilder;
  /** Rows to compute. */
  readonly rows: Local<"i32">;
  /** Rows of the whole batch. */
  readonly batchRows: Local<"i32">;
  readonly arithmetic: Arithmetic;
  /** Byte address of so many bytes that no tensor owns; what stands there lives no longer than one operation. */
  scratch(bytes: number): number;
  address(tensor: Tensor): I32;
  /** Elements of the tensor in use. */
  count(tensor: Tensor): I32;
  /** As `count`, in the whole batch, of which another thread may compute other rows. */
  batchCount(tensor: Tensor): I32;
  /** A number that follows from the step: computed in float64 before the call, rounded once. One slot per key. */
  scalar(key: string, write: WriteScalar): F32;
  /** As `scalar`, the low 32 bits of an integer. */
  word(key: string, write: WriteScalar): I32;
  /** True when the operation is the first to touch what it adds to, which counts as cleared: it then writes instead. */
  overwrites(operation: object): boolean;
}

export type Emitters<Kind extends OperationKind> = {
  readonly [K in Kind]: (operation: OperationOf<K>, emission: Emission) => void;
};

/** Blocks of a matrix product (product.ts): at most so many steps of k, columns of b and rows of a are packed at once. */
export const BLOCK = { depth: 320, columns: 1024, rows: 72 } as const;
/** As `BLOCK`, where a is packed as well and k has more than `above` steps: a then has its share of L2, and each panel of b,
 * which comes from further away, serves more of its rows. */
export const DEEP_BLOCK = { above: 160, columns: 512, rows: 252 } as const;
