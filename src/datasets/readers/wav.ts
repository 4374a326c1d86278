// WAV: RIFF chunks (Microsoft and IBM, 1991) of any number of channels → mono 16-bit samples. PCM and floats of any width,
// A-law and µ-law (ITU-T G.711, 1972), ADPCM (wav-adpcm.ts).
// Written here because the packages that there are lose the last bit of 16-bit sounds, or believe every length they read.
import { EntryError } from "./archive.ts";
import { blockDecoders, unpackBlocks } from "./wav-adpcm.ts";

export interface Sound {
  /** Hz */
  sampleRate: number;
  /** mono, -32768 to 32767 */
  samples: Int16Array;
}

interface Layout {
  channels: number;
  sampleRate: number;
  /** of one sample of one channel */
  bytes: number;
  read: SampleReader;
  /** What `read` reads, of the bytes of the file. */
  unpack: (data: Buffer) => Buffer;
  data: Buffer;
}

/** One sample as -1 to 1. */
type SampleReader = (data: Buffer, at: number) => number;

const pcm = 1;
const float = 3;
const aLaw = 6;
const muLaw = 7;
const extensible = 0xfffe;
/** Written by programs that do not know the length beforehand. */
const unknownLength = 0xffffffff;
const mostChannels = 32;
const highestRate = 384_000;

/** Format and bits per sample → how a sample is read. */
const sampleReaders: Record<string, SampleReader> = {
  [`${pcm} 8`]: (data, at) => (data[at] - 128) / 128,
  [`${pcm} 16`]: (data, at) => data.readInt16LE(at) / 2 ** 15,
  [`${pcm} 24`]: (data, at) => data.readIntLE(at, 3) / 2 ** 23,
  [`${pcm} 32`]: (data, at) => data.readInt32LE(at) / 2 ** 31,
  [`${float} 32`]: (data, at) => data.readFloatLE(at),
  [`${float} 64`]: (data, at) => data.readDoubleLE(at),
  [`${aLaw} 8`]: (data, at) => fromALaw(data[at]) / 2 ** 15,
  [`${muLaw} 8`]: (data, at) => fromMuLaw(data[at]) / 2 ** 15,
};

/** Sign, three bits of exponent, four of mantissa, every other bit inverted: the middle of the interval that it stands for. */
function fromALaw(code: number): number {
  const bits = code ^ 0x55;
  const exponent = (bits >> 4) & 7;
  const mantissa = ((bits & 15) << 4) + 8;
  const magnitude = exponent === 0 ? mantissa : (mantissa + 0x100) << (exponent - 1);
  return bits & 0x80 ? magnitude : -magnitude;
}

/** The same with all bits inverted, shifted so that the logarithm passes through zero. */
function fromMuLaw(code: number): number {
  const bits = ~code;
  const shift = 0x84;
  const magnitude = ((((bits & 15) << 3) + shift) << ((bits >> 4) & 7)) - shift;
  return bits & 0x80 ? -magnitude : magnitude;
}

/** Throws an EntryError that says what is wrong. */
export function decodeWav(bytes: Buffer): Sound {
  const { channels, sampleRate, bytes: width, read, data } = layoutOf(bytes);
  const samples = new Int16Array(Math.floor(data.length / (width * channels)));
  for (let i = 0; i < samples.length; i++) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++) sum += read(data, (i * channels + channel) * width);
    samples[i] = toSample(sum / channels);
  }
  return { sampleRate, samples };
}

/** -1 to 1 → 16 bit; what is louder is clipped. */
export function toSample(value: number): number {
  return Math.max(-32768, Math.min(32767, Math.round(value * 32768)));
}

function layoutOf(bytes: Buffer): Layout {
  if (bytes.toString("latin1", 0, 4) !== "RIFF" || bytes.toString("latin1", 8, 12) !== "WAVE")
    throw new EntryError("is no WAV file");
  let format: Omit<Layout, "data"> | undefined;
  let count = Infinity; // of samples of a channel: the last block may hold more
  for (let at = 12; at + 8 <= bytes.length;) {
    const id = bytes.toString("latin1", at, at + 4);
    const length = bytes.readUInt32LE(at + 4);
    const start = at + 8;
    if (id === "fmt ") format = formatOf(bytes.subarray(start, start + length));
    if (id === "fact" && length >= 4 && start + 4 <= bytes.length) count = bytes.readUInt32LE(start);
    if (id === "data") {
      if (format === undefined) throw new EntryError("has its samples before their format");
      if (length !== unknownLength && start + length > bytes.length)
        throw new EntryError(`is cut off: it promises ${length} bytes of samples and has ${bytes.length - start}`);
      const data = format.unpack(bytes.subarray(start, length === unknownLength ? undefined : start + length));
      return { ...format, data: data.subarray(0, count * format.channels * format.bytes) };
    }
    at = start + length + (length % 2); // chunks start at even places
  }
  throw new EntryError('has no samples: its chunk "data" is missing');
}

function formatOf(chunk: Buffer): Omit<Layout, "data"> {
  if (chunk.length < 16) throw new EntryError("is cut off within its header");
  const tag = chunk.readUInt16LE(0);
  const channels = chunk.readUInt16LE(2);
  const sampleRate = chunk.readUInt32LE(4);
  const bits = chunk.readUInt16LE(14);
  // The real format of an extensible one stands at the start of its GUID.
  const kind = tag === extensible && chunk.length >= 26 ? chunk.readUInt16LE(24) : tag;
  const decodeBlock = bits === 4 ? blockDecoders[kind] : undefined;
  const [width, read] =
    decodeBlock === undefined ? [bits, sampleReaders[`${kind} ${bits}`]] : [16, sampleReaders[`${pcm} 16`]];
  if (read === undefined)
    throw new EntryError(`has samples of format ${kind} with ${bits} bits, which are not read here`);
  if (channels < 1 || channels > mostChannels) throw new EntryError(`says it has ${channels} channels`);
  if (sampleRate < 1 || sampleRate > highestRate) throw new EntryError(`says it has ${sampleRate} samples per second`);
  const blockBytes = Math.max(1, chunk.readUInt16LE(12));
  const unpack = (data: Buffer) =>
    decodeBlock === undefined ? data : unpackBlocks(data, blockBytes, (block) => decodeBlock(block, channels, chunk));
  return { channels, sampleRate, bytes: width / 8, read, unpack };
}
