// The part of the WebAssembly JavaScript interface that is used here; TypeScript knows it only as a part of the browser.

export interface WasmMemory {
  /** A SharedArrayBuffer where the memory is shared. */
  readonly buffer: ArrayBufferLike;
}

/** Code without memory: any number of instances can share it. */
export type CompiledModule = object;

export type WasmFunction = (...operands: number[]) => void;

interface WebAssemblyInterface {
  validate(bytes: Uint8Array<ArrayBuffer>): boolean;
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => CompiledModule;
  readonly Instance: new (
    module: CompiledModule,
    imports: { env: { memory: WasmMemory } },
  ) => { readonly exports: Readonly<Record<string, WasmFunction>> };
  /** Sizes in pages of 64 KiB. */
  readonly Memory: new (size: { initial: number; maximum?: number; shared?: boolean }) => WasmMemory;
}

export const webAssembly = (globalThis as unknown as { WebAssembly: WebAssemblyInterface }).WebAssembly;
