// A module: functions over one imported memory, encoded into the binary format.
import { flatten, nameBytes, unsigned, vector } from "./encoding.ts";
import type { Code } from "./encoding.ts";
import { FunctionBuilder, TYPE_BYTES } from "./function-builder.ts";
import type { ValueType } from "./instructions.ts";
import { webAssembly } from "./web-assembly.ts";
import type { CompiledModule, WasmFunction, WasmMemory } from "./web-assembly.ts";

const MAGIC_AND_VERSION = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const SECTION = { type: 1, import: 2, function: 3, export: 7, code: 10 } as const;
const [FUNCTION_TYPE, FUNCTION_EXPORT, MEMORY_IMPORT] = [0x60, 0, 2];
/** Limits of the imported memory: from one page on, without a maximum; shared memory must have one, 4 GiB is the largest. */
const [ANY_SIZE, ANY_SHARED_SIZE] = [
  [0, 1],
  [3, 1, ...unsigned(65536)],
];

export class ModuleBuilder {
  readonly #functions: FunctionBuilder[] = [];
  readonly #exports = new Map<string, FunctionBuilder>();
  readonly #shared = new Map<string, FunctionBuilder>();

  /** A new function without a result; `exported` is the name under which it can be called from outside. */
  function(parameters: readonly ValueType[], write: (f: FunctionBuilder) => void, exported?: string): FunctionBuilder {
    const f = new FunctionBuilder(this.#functions.length, parameters);
    this.#functions.push(f);
    if (exported !== undefined) this.#exports.set(exported, f);
    write(f);
    return f;
  }

  /** The function of this key, written at its first use: one function per shape, however many tensors have it. */
  shared(key: string, parameters: readonly ValueType[], write: (f: FunctionBuilder) => void): FunctionBuilder {
    const known = this.#shared.get(key);
    if (known !== undefined) return known;
    const f = this.function(parameters, write);
    this.#shared.set(key, f);
    return f;
  }

  /** The module in WebAssembly's binary format; `shared` says which kind of memory it imports. */
  bytes(shared = false): Uint8Array<ArrayBuffer> {
    const types = this.#functions.map(({ parameters }) => [
      FUNCTION_TYPE,
      vector(parameters.map((type) => [TYPE_BYTES[type]])),
      0,
    ]);
    const memory = [nameBytes("env"), nameBytes("memory"), MEMORY_IMPORT, shared ? ANY_SHARED_SIZE : ANY_SIZE];
    const exports = [...this.#exports].map(([name, f]) => [nameBytes(name), FUNCTION_EXPORT, unsigned(f.index)]);
    // Nearly all of the module: flattened once, then only copied.
    const bodies = this.#functions.map((f) => flatten(f.code()));
    const code = joined([unsigned(bodies.length), ...bodies.flatMap((body) => [unsigned(body.length), body])]);
    return joined([
      MAGIC_AND_VERSION,
      section(SECTION.type, vector(types)),
      section(SECTION.import, vector([memory])),
      section(SECTION.function, vector(this.#functions.map((_f, index) => unsigned(index)))),
      section(SECTION.export, vector(exports)),
      [SECTION.code, ...unsigned(code.length)],
      code,
    ]);
  }

  compile(shared = false): CompiledModule {
    return new webAssembly.Module(this.bytes(shared));
  }

  /** Compiles the module and gives its exported functions, bound to this memory. */
  instantiate(over: WasmMemory): Readonly<Record<string, WasmFunction>> {
    return instantiateModule(this.compile(over.buffer instanceof SharedArrayBuffer), over);
  }
}

/** The exported functions of a compiled module, bound to this memory. */
export function instantiateModule(module: CompiledModule, over: WasmMemory): Readonly<Record<string, WasmFunction>> {
  return new webAssembly.Instance(module, { env: { memory: over } }).exports;
}

function section(id: number, content: Code): number[] {
  const bytes = flatten(content);
  return [id, ...unsigned(bytes.length), ...bytes];
}

function joined(pieces: readonly ArrayLike<number>[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
