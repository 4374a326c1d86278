// An array of numbers or strings that lies in a file, row after row: IDX and NPY both are that behind their headers.
import { closeSync, openSync, readSync } from "node:fs";
import { BIGINT, BOOLEAN, DOUBLE, type DuckDBType, INTEGER, UBIGINT, VARCHAR } from "@duckdb/node-api";

/** One value as DuckDB takes it. */
export type Element = number | bigint | boolean | string;

interface ElementKind {
  bytes: number;
  column: DuckDBType;
  read: (view: DataView, at: number, littleEndian: boolean) => Element;
}

/** NumPy's names of the types that are read: kind and bytes. */
export const elementTypes = {
  b1: { bytes: 1, column: BOOLEAN, read: (view, at) => view.getUint8(at) !== 0 },
  u1: { bytes: 1, column: INTEGER, read: (view, at) => view.getUint8(at) },
  i1: { bytes: 1, column: INTEGER, read: (view, at) => view.getInt8(at) },
  u2: { bytes: 2, column: INTEGER, read: (view, at, little) => view.getUint16(at, little) },
  i2: { bytes: 2, column: INTEGER, read: (view, at, little) => view.getInt16(at, little) },
  u4: { bytes: 4, column: BIGINT, read: (view, at, little) => BigInt(view.getUint32(at, little)) },
  i4: { bytes: 4, column: INTEGER, read: (view, at, little) => view.getInt32(at, little) },
  u8: { bytes: 8, column: UBIGINT, read: (view, at, little) => view.getBigUint64(at, little) },
  i8: { bytes: 8, column: BIGINT, read: (view, at, little) => view.getBigInt64(at, little) },
  f2: { bytes: 2, column: DOUBLE, read: (view, at, little) => halfFloat(view.getUint16(at, little)) },
  f4: { bytes: 4, column: DOUBLE, read: (view, at, little) => view.getFloat32(at, little) },
  f8: { bytes: 8, column: DOUBLE, read: (view, at, little) => view.getFloat64(at, little) },
} as const satisfies Record<string, ElementKind>;

/** U: code points of 4 bytes each; S: bytes of ASCII. Both are padded with NUL. */
export type ElementType = keyof typeof elementTypes | "U" | "S";

export interface NumberArray {
  path: string;
  /** byte where the elements begin */
  start: number;
  /** rows first */
  shape: number[];
  type: ElementType;
  /** bytes of one element */
  width: number;
  bigEndian: boolean;
  /** Fortran's order: the first index runs fastest, so that what one row holds lies far apart. */
  columnMajor?: boolean;
}

/** Elements of one row. */
export function rowElements({ shape }: NumberArray): number {
  return shape.slice(1).reduce((product, size) => product * size, 1);
}

export function columnTypeOf(type: ElementType): DuckDBType {
  return type === "U" || type === "S" ? VARCHAR : elementTypes[type].column;
}

/** Rows `from` to `to` (exclusive) as bytes, row after row. */
export function readBytes(array: NumberArray, from: number, to: number): Buffer {
  const rowBytes = rowElements(array) * array.width;
  const bytes = Buffer.alloc((to - from) * rowBytes);
  const handle = openSync(array.path, "r");
  try {
    if (array.columnMajor === true) gatherRows(handle, array, from, bytes);
    else readSync(handle, bytes, 0, bytes.length, array.start + from * rowBytes);
    return bytes;
  } finally {
    closeSync(handle);
  }
}

/** Fills `bytes` with rows from `from` on of an array in Fortran's order, in which the rows of one element are neighbours. */
function gatherRows(handle: number, array: NumberArray, from: number, bytes: Buffer): void {
  const { start, width } = array;
  const [rows, ...axes] = array.shape;
  const elements = rowElements(array);
  const count = bytes.length / (elements * width);
  const run = Buffer.alloc(count * width);
  for (let element = 0; element < elements; element++) {
    readSync(handle, run, 0, run.length, start + (element * rows + from) * width);
    const place = rowMajor(element, axes);
    for (let row = 0; row < count; row++)
      run.copy(bytes, (row * elements + place) * width, row * width, (row + 1) * width);
  }
}

/** Where the element that is `at` in Fortran's order of `axes` stands when the last index runs fastest. */
function rowMajor(at: number, axes: readonly number[]): number {
  let place = 0;
  let rest = at;
  let stride = axes.reduce((product, length) => product * length, 1);
  for (const length of axes) {
    stride /= length;
    place += (rest % length) * stride;
    rest = Math.floor(rest / length);
  }
  return place;
}

/** The element at an index of bytes that `readBytes` gave. */
export function elementReader({ type, width, bigEndian }: NumberArray, bytes: Buffer): (index: number) => Element {
  if (type === "S") return (index) => bytes.toString("latin1", index * width, (index + 1) * width).replace(/\0+$/, "");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (type === "U") {
    return (index) => {
      let text = "";
      for (let at = index * width; at < (index + 1) * width; at += 4) {
        const code = view.getUint32(at, !bigEndian);
        text += code > 0x10ffff ? "\ufffd" : String.fromCodePoint(code);
      }
      return text.replace(/\0+$/, "");
    };
  }
  const { read } = elementTypes[type];
  return (index) => read(view, index * width, !bigEndian);
}

/** IEEE 754 half precision. */
function halfFloat(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const magnitude =
    exponent === 31
      ? fraction === 0
        ? Infinity
        : NaN
      : exponent === 0
        ? fraction * 2 ** -24
        : (1 + fraction / 1024) * 2 ** (exponent - 15);
  return bits & 0x8000 ? -magnitude : magnitude;
}
