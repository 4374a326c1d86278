// How WebAssembly writes numbers, names and vectors in its binary format (WebAssembly core specification 2.0, chapter 5).

/** Bytes in pieces: nested arrays, so that composing an instruction never copies its operands. */
export type Code = readonly (number | Code)[];

/** Unsigned LEB128 of an integer in [0, 2³²). */
export function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value >>> 0;
  do {
    const low = rest & 0x7f;
    rest >>>= 7;
    bytes.push(rest === 0 ? low : low | 0x80);
  } while (rest !== 0);
  return bytes;
}

/** Signed LEB128 of an integer in [−2³¹, 2³¹). */
export function signed(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (;;) {
    const low = rest & 0x7f;
    rest >>= 7;
    const done = (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0);
    bytes.push(done ? low : low | 0x80);
    if (done) return bytes;
  }
}

/** As `signed`, of an integer in [−2⁶³, 2⁶³): an order of magnitude slower. */
export function signedLong(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (;;) {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    const done = (rest === 0n && (low & 0x40) === 0) || (rest === -1n && (low & 0x40) !== 0);
    bytes.push(done ? low : low | 0x80);
    if (done) return bytes;
  }
}

const single = new Float32Array(1);
const singleInBytes = new Uint8Array(single.buffer);

/** IEEE 754 single precision, little endian. */
export function singleBytes(value: number): number[] {
  single[0] = value;
  return [singleInBytes[0], singleInBytes[1], singleInBytes[2], singleInBytes[3]];
}

/** IEEE 754 double precision, little endian. */
export function doubleBytes(value: number): number[] {
  return [...new Uint8Array(Float64Array.of(value).buffer)];
}

export function nameBytes(text: string): number[] {
  const bytes = new TextEncoder().encode(text);
  return [...unsigned(bytes.length), ...bytes];
}

/** A vector of the specification: its length, then its items. */
export function vector(items: readonly Code[]): Code {
  return [unsigned(items.length), ...items];
}

/** The bytes of nested pieces, one after another. */
export function flatten(code: Code): number[] {
  const bytes: number[] = [];
  const visit = (pieces: Code): void => {
    for (let i = 0; i < pieces.length; i++) {
      const piece = pieces[i];
      if (typeof piece === "number") bytes.push(piece);
      else visit(piece);
    }
  };
  visit(code);
  return bytes;
}
