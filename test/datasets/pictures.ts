// Small archives, pictures and sounds for tests, made on the spot.
import { zipSync } from "fflate";
import sharp from "sharp";

export type Tree = Record<string, Uint8Array>;

/** A ZIP archive of files by name. */
export const zip = (files: Tree): Uint8Array => zipSync(files);

/** A picture of one colour. */
export function picture(
  format: "png" | "jpeg" | "webp",
  { width = 4, height = 3, grey = false }: { width?: number; height?: number; grey?: boolean } = {},
): Promise<Buffer> {
  const background = grey ? { r: 90, g: 90, b: 90 } : { r: 200, g: 40, b: 90 };
  const plain = sharp({ create: { width, height, channels: 3, background } });
  return (grey ? plain.toColourspace("b-w") : plain)
    .toFormat(format, format === "png" ? {} : { quality: 100 })
    .toBuffer();
}

/** A WAV file of one format; `data` are the bytes of its samples. */
export function wav(
  data: Uint8Array,
  {
    tag = 1,
    channels = 1,
    rate = 8000,
    bits = 16,
  }: { tag?: number; channels?: number; rate?: number; bits?: number } = {},
): Buffer {
  const header = Buffer.alloc(44);
  header.write("RIFF", 0, "latin1");
  header.writeUInt32LE(36 + data.length, 4);
  header.write("WAVEfmt ", 8, "latin1");
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(tag, 20);
  header.writeUInt16LE(channels, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE((rate * channels * bits) / 8, 28);
  header.writeUInt16LE((channels * bits) / 8, 32);
  header.writeUInt16LE(bits, 34);
  header.write("data", 36, "latin1");
  header.writeUInt32LE(data.length, 40);
  return Buffer.concat([header, data]);
}

/** 16-bit samples as bytes. */
export const samples = (...values: number[]): Uint8Array => new Uint8Array(Int16Array.from(values).buffer);

/**
 * Silence as MP3: frames of MPEG 1 Layer III, mono, 44,100 Hz, 128 kbit/s. 144 · 128000 / 44100 = 417 bytes each, of 1152
 * samples; with side information of zeros (ISO 11172-3, 2.4.1.7) a frame has nothing to play.
 */
export function silentMp3(frames: number): Buffer {
  const frame = Buffer.alloc(417);
  frame.set([0xff, 0xfb, 0x90, 0xc4]);
  return Buffer.concat(Array.from({ length: frames }, () => frame));
}
