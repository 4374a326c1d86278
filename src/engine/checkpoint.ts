// Checkpoint format: a training state as bytes, and back. All numbers little-endian.
//   0  "DLTR"            magic
//   4  u32               format version
//   8  u32               length of the JSON header
//  12  u32               CRC-32 of everything but these four bytes
//  16  u64               length of the data
//  24  JSON header       precision, kernels, progress, and for each tensor group, name, shape, dtype, offset into the data
//  ..  data              raw float32 or float64, each tensor at a multiple of 8
// CRC-32 finds every error burst of up to 32 bits, so every single damaged byte; the store that keeps the bytes has its
// own cryptographic hash, so none is needed here.
import { EngineError } from "./engine-error.ts";
import { BYTES_PER_ELEMENT, productOf } from "./tensor.ts";
import type { Elements, Precision } from "./tensor.ts";
import type { StoredTensor, TrainingState } from "./training-state.ts";

export const CHECKPOINT_VERSION = 1;

const MAGIC = "DLTR";
const PRELUDE = 24;
const CHECKSUM = 12;

type Group = "weights" | "optimizer" | "lastGood" | "best" | "sums";

interface Entry {
  readonly group: Group;
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: Precision;
  /** Bytes from the start of the data. */
  readonly offset: number;
}

interface Header {
  readonly precision: Precision;
  readonly kernels: string;
  readonly progress: TrainingState["progress"];
  readonly tensors: readonly Entry[];
}

export function encodeCheckpoint(state: TrainingState): Uint8Array {
  const members: [Group, StoredTensor][] = [
    ...state.weights.map((tensor): [Group, StoredTensor] => ["weights", tensor]),
    ...state.optimizer.map((tensor): [Group, StoredTensor] => ["optimizer", tensor]),
    ...state.lastGood.map((tensor): [Group, StoredTensor] => ["lastGood", tensor]),
    ...state.best.map((tensor): [Group, StoredTensor] => ["best", tensor]),
    ["sums", { name: "sums", shape: [state.sums.length], values: state.sums }],
  ];
  let dataLength = 0;
  const tensors = members.map(([group, { name, shape, values }]): Entry => {
    const offset = dataLength;
    dataLength += Math.ceil(values.byteLength / 8) * 8;
    const dtype = values instanceof Float32Array ? "float32" : "float64";
    return { group, name, shape, dtype, offset };
  });
  const { precision, kernels, progress } = state;
  const header: Header = { precision, kernels, progress, tensors };
  const headerBytes = new TextEncoder().encode(JSON.stringify(header));

  const bytes = new Uint8Array(PRELUDE + headerBytes.length + dataLength);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode(MAGIC), 0);
  view.setUint32(4, CHECKPOINT_VERSION, true);
  view.setUint32(8, headerBytes.length, true);
  view.setBigUint64(16, BigInt(dataLength), true);
  bytes.set(headerBytes, PRELUDE);
  const dataStart = PRELUDE + headerBytes.length;
  members.forEach(([, { values }], index) => {
    bytes.set(littleEndian(values), dataStart + tensors[index].offset);
  });
  view.setUint32(CHECKSUM, checksum(bytes), true);
  return bytes;
}

/** Throws `invalid_checkpoint`: wrong magic, another version, truncated, trailing bytes, damaged. */
export function decodeCheckpoint(given: Uint8Array): TrainingState {
  // A Buffer slices without copying, which would leave tensors as windows into a pool.
  const bytes = new Uint8Array(given.buffer, given.byteOffset, given.byteLength);
  const { headerLength, dataLength } = checkPrelude(bytes);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(PRELUDE, PRELUDE + headerLength))) as Header;
  const data = bytes.subarray(PRELUDE + headerLength, PRELUDE + headerLength + dataLength);
  const group = (wanted: Group): StoredTensor[] =>
    header.tensors
      .filter((entry) => entry.group === wanted)
      .map(({ name, shape, dtype, offset }) => ({ name, shape, values: elementsAt(data, dtype, offset, shape) }));
  return {
    precision: header.precision,
    kernels: header.kernels,
    weights: group("weights"),
    optimizer: group("optimizer"),
    lastGood: group("lastGood"),
    best: group("best"),
    progress: header.progress,
    sums: group("sums")[0].values as Float64Array,
  };
}

function checkPrelude(bytes: Uint8Array): { headerLength: number; dataLength: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < PRELUDE)
    throw invalid(`at least ${PRELUDE} bytes`, `${bytes.length}: the checkpoint is truncated`);
  const magic = String.fromCharCode(...bytes.subarray(0, 4));
  if (magic !== MAGIC) throw invalid(`magic ${MAGIC}`, `${JSON.stringify(magic)}: this is not a checkpoint`);
  const version = view.getUint32(4, true);
  if (version !== CHECKPOINT_VERSION) {
    throw invalid(`format version ${CHECKPOINT_VERSION}`, `version ${version}: written by another release`);
  }
  const headerLength = view.getUint32(8, true);
  const dataLength = Number(view.getBigUint64(16, true));
  const total = PRELUDE + headerLength + dataLength;
  if (bytes.length < total) throw invalid(`${total} bytes`, `${bytes.length}: the checkpoint is truncated`);
  if (bytes.length > total) throw invalid(`${total} bytes`, `${bytes.length}: bytes were appended`);
  const [expected, got] = [view.getUint32(CHECKSUM, true), checksum(bytes)];
  if (expected !== got) throw invalid(`checksum ${expected}`, `${got}: the checkpoint is damaged`);
  return { headerLength, dataLength };
}

function elementsAt(data: Uint8Array, dtype: Precision, offset: number, shape: readonly number[]): Elements {
  const length = productOf(shape) * BYTES_PER_ELEMENT[dtype];
  // A copy: the bytes may start anywhere, typed arrays only at multiples of their element size.
  const { buffer } = littleEndian(data.slice(offset, offset + length), BYTES_PER_ELEMENT[dtype]);
  return dtype === "float32" ? new Float32Array(buffer) : new Float64Array(buffer);
}

const HOST_IS_LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** The bytes of the elements, least significant first: as they are in memory on every machine but a few. */
function littleEndian(values: Elements | Uint8Array<ArrayBuffer>, size = values.BYTES_PER_ELEMENT): Uint8Array {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  if (HOST_IS_LITTLE_ENDIAN) return bytes;
  const swapped = bytes.slice();
  for (let start = 0; start < swapped.length; start += size) swapped.subarray(start, start + size).reverse();
  return swapped;
}

/** CRC-32 (ISO 3309, reflected polynomial 0xEDB88320) of all bytes but the checksum itself. */
function checksum(bytes: Uint8Array): number {
  let crc = update(-1, bytes, 0, CHECKSUM);
  crc = update(crc, bytes, CHECKSUM + 4, bytes.length);
  return ~crc >>> 0;
}

const CRC_TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) remainder = remainder & 1 ? (remainder >>> 1) ^ 0xedb88320 : remainder >>> 1;
  return remainder;
});

function update(start: number, bytes: Uint8Array, from: number, to: number): number {
  let crc = start;
  for (let i = from; i < to; i++) crc = (crc >>> 8) ^ CRC_TABLE[(crc ^ bytes[i]) & 255];
  return crc;
}

function invalid(expected: string, got: string): EngineError {
  return new EngineError("invalid_checkpoint", { op: "checkpoint", expected, got });
}
