// NPY, NumPy's file of one array (NEP 1, 2007): magic, version, a Python dictionary as header, then the elements.
import { statSync } from "node:fs";
import { EntryError } from "./archive.ts";
import { type ElementType, elementTypes, type NumberArray } from "./number-array.ts";
import { firstBytes } from "./plain-file.ts";
import type { PlainFile } from "./plain-file.ts";

const magic = "\u0093NUMPY";
const longestHeader = 64 * 1024;

/** What arrays of Python objects and records are called: they hold pickled code, which is never run here. */
const refusedKinds: Record<string, string> = {
  O: "holds Python objects, which only Python can read",
  V: "holds records of several fields",
  M: "holds dates",
  m: "holds time spans",
  c: "holds complex numbers",
};

/** Shape and place of the elements. Throws an EntryError that says what is wrong. */
export function parseNpy(file: PlainFile): NumberArray {
  const head = firstBytes(file.path, 12 + longestHeader);
  if (head.toString("latin1", 0, 6) !== magic) throw new EntryError("is no NPY file");
  if (head.length < 12) throw new EntryError("is cut off within its header");
  const wide = head[6] > 1; // version 1 has two bytes for the length, 2 and 3 have four
  const length = wide ? head.readUInt32LE(8) : head.readUInt16LE(8);
  const start = (wide ? 12 : 10) + length;
  if (length > longestHeader) throw new EntryError(`says that its header is ${length} bytes long`);
  if (start > head.length) throw new EntryError("is cut off within its header");
  const header = head.toString("latin1", wide ? 12 : 10, start);
  const { type, width, bigEndian } = typeOf(/'descr'\s*:\s*(?:'([^']*)'|(\[))/.exec(header));
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(header)?.[1];
  const sizes = /'shape'\s*:\s*\(([\d,\s]*)\)/.exec(header)?.[1];
  if (order === undefined || sizes === undefined) throw new EntryError("has a header that is not NumPy's");
  const shape = sizes
    .split(",")
    .filter((size) => size.trim() !== "")
    .map(Number);
  if (shape.length === 0) throw new EntryError("is a single value, not one for each row");
  const expected = shape.reduce((product, size) => product * size, width);
  const bytes = statSync(file.path).size - start;
  if (expected !== bytes)
    throw new EntryError(`is [${shape.join(", ")}] and needs ${expected} bytes of elements, it has ${bytes}`);
  return { path: file.path, start, shape, type, width, bigEndian, columnMajor: order === "True" };
}

function typeOf(descr: RegExpExecArray | null): { type: ElementType; width: number; bigEndian: boolean } {
  const text = descr?.[1] ?? (descr?.[2] === undefined ? "" : "|V");
  const [, order = "", kind = "", size = ""] = /^([<>=|]?)([a-zA-Z])(\d*)$/.exec(text) ?? [];
  if (Object.hasOwn(refusedKinds, kind)) throw new EntryError(refusedKinds[kind]);
  const bigEndian = order === ">";
  if (kind === "U" || kind === "S") {
    const width = Number(size) * (kind === "U" ? 4 : 1);
    if (width === 0) throw new EntryError("holds empty strings only");
    return { type: kind, width, bigEndian };
  }
  const name = `${kind}${size}`;
  if (!Object.hasOwn(elementTypes, name))
    throw new EntryError(`has elements of type "${text.slice(0, 20)}", which are not read here`);
  const type = name as keyof typeof elementTypes;
  return { type, width: elementTypes[type].bytes, bigEndian };
}
