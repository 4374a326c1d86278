// Loops over elements: eight at a time in two vectors, then four, then one by one in lane 0 of the same vector code, so
// an element has the same bits wherever it stands and nothing beyond the last one is written.
import type { FunctionBuilder, Local } from "../wasm/function-builder.ts";
import { f32x4, i32, v128 } from "../wasm/instructions.ts";
import type { F32, I32, V128 } from "../wasm/instructions.ts";
import type { ModuleBuilder } from "../wasm/module-builder.ts";

/** Gives one vector for each output from one vector of each input and each uniform number. All are locals. */
export type Compute = (
  f: FunctionBuilder,
  inputs: readonly Local<"v128">[],
  uniforms: readonly V128[],
) => readonly V128[];

export interface ElementLoop {
  readonly count: I32;
  /** Byte addresses; an output may be an input. */
  readonly inputs: readonly I32[];
  readonly outputs: readonly I32[];
  /** The same for every element. */
  readonly uniforms?: readonly F32[];
  readonly compute: Compute;
}

const [VECTOR_BYTES, ELEMENT_BYTES] = [16, 4];

/** Emits the loop into `f`. The addresses are computed once per access, so they should be locals or constants. */
export function emitElementLoop(f: FunctionBuilder, loop: ElementLoop): void {
  const uniforms = (loop.uniforms ?? []).map((uniform) => f.local("v128", f32x4.splat(uniform)));
  const count = f.local("i32", loop.count);
  const offset = f.local("i32", i32.const(0));
  const vectors = (howMany: number): void => {
    const shifts = Array.from({ length: howMany }, (_, index) => index * VECTOR_BYTES);
    // One address for both vectors: V8 sees only then that they are neighbours and may become one of 256 bits.
    const [from, to] = [loop.inputs, loop.outputs].map((bases) =>
      bases.map((base) => f.local("i32", i32.add(base, offset))),
    );
    const inputs = shifts.map((shift) => from.map((address) => f.local("v128", v128.load(address, shift))));
    const outputs = inputs.map((vector) => loop.compute(f, vector, uniforms).map((result) => f.local("v128", result)));
    to.forEach((address, which) =>
      shifts.forEach((shift, index) => f.emit(v128.store(address, outputs[index][which], shift))),
    );
    f.advance(offset, howMany * VECTOR_BYTES);
  };
  const one = (): void => {
    const inputs = loop.inputs.map((base) => f.local("v128", v128.load32_zero(i32.add(base, offset))));
    const outputs = loop.compute(f, inputs, uniforms).map((result) => f.local("v128", result));
    loop.outputs.forEach((base, which) => f.emit(v128.store32_lane(i32.add(base, offset), outputs[which], 0)));
    f.advance(offset, ELEMENT_BYTES);
  };

  f.repeat(f.local("i32", i32.shr_u(count, i32.const(3))), () => vectors(2));
  f.if(i32.and(count, i32.const(4)), () => vectors(1));
  f.repeat(f.local("i32", i32.and(count, i32.const(3))), one);
}

/** The function (count, inputs…, outputs…, uniforms…) that runs the loop; one per key. */
export function elementFunction(
  module: ModuleBuilder,
  key: string,
  [inputs, outputs, uniforms]: readonly [number, number, number],
  compute: Compute,
): FunctionBuilder {
  const parameters: ("i32" | "f32")[] = [...Array(1 + inputs + outputs).fill("i32"), ...Array(uniforms).fill("f32")];
  return module.shared(key, parameters, (f) => {
    const addresses = Array.from({ length: inputs + outputs }, (_, index) => f.parameter(1 + index, "i32"));
    emitElementLoop(f, {
      count: f.parameter(0, "i32"),
      inputs: addresses.slice(0, inputs),
      outputs: addresses.slice(inputs),
      uniforms: Array.from({ length: uniforms }, (_, index) => f.parameter(1 + inputs + outputs + index, "f32")),
      compute,
    });
  });
}
