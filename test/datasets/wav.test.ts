// Compressed WAV: every code of A-law and µ-law, and IMA ADPCM, against Python's audioop (wav.py); Microsoft's ADPCM by hand.
import { expect, test } from "vitest";
import { decodeWav } from "../../src/datasets/readers/wav.ts";
import { wav } from "./pictures.ts";
import golden from "./wav.json" with { type: "json" };

const everyCode = Uint8Array.from({ length: 256 }, (_, code) => code);
/** The codes of µ-law have two zeros. */
const withoutSign = (values: Iterable<number>) => Array.from(values, (value) => value + 0);

/** A WAV file whose samples are in blocks; `fact`: how many samples of a channel there are. */
function blocks(tag: number, data: Uint8Array, blockBytes: number, { channels = 1, fact = -1 } = {}): Buffer {
  const whole = wav(data, { tag, bits: 4, channels });
  whole.writeUInt16LE(blockBytes, 32);
  if (fact < 0) return whole;
  const chunk = Buffer.alloc(12);
  chunk.write("fact", "latin1");
  chunk.writeUInt32LE(4, 4);
  chunk.writeUInt32LE(fact, 8);
  return Buffer.concat([whole.subarray(0, 36), chunk, whole.subarray(36)]);
}

test.each([
  ["A-law", 6, golden.a_law],
  ["µ-law", 7, golden.mu_law],
])("every code of %s is what G.711 says", (_name, tag, expected) => {
  expect(withoutSign(decodeWav(wav(everyCode, { tag, bits: 8 })).samples)).toEqual(expected);
});

const ima = Buffer.from(golden.ima.block, "base64");

test("IMA ADPCM is decoded to the last bit, block after block, as far as there are samples", () => {
  const expected = golden.ima.samples;
  expect([...decodeWav(blocks(0x11, ima, ima.length)).samples]).toEqual(expected);
  const twice = blocks(0x11, Buffer.concat([ima, ima]), ima.length, { fact: expected.length + 5 });
  expect([...decodeWav(twice).samples]).toEqual([...expected, ...expected.slice(0, 5)]);
});

test("the codes of two channels of IMA ADPCM take turns by eight", () => {
  const groups = Array.from({ length: (ima.length - 4) / 4 }, (_, group) => ima.subarray(4 + 4 * group, 8 + 4 * group));
  const both = Buffer.concat([ima.subarray(0, 4), ima.subarray(0, 4), ...groups.flatMap((group) => [group, group])]);
  // The mean of twice the same.
  expect([...decodeWav(blocks(0x11, both, both.length, { channels: 2 })).samples]).toEqual(golden.ima.samples);
});

/** Pair, step, last sample and the one before it; then codes. */
const microsoft = (pair: number, step: number, last: number, before: number, ...codes: number[]) => {
  const header = Buffer.alloc(7);
  header[0] = pair;
  [step, last, before].forEach((word, at) => header.writeInt16LE(word, 1 + 2 * at));
  return Buffer.concat([header, Buffer.from(codes)]);
};

test("Microsoft's ADPCM predicts from two samples and adapts its step", () => {
  // Pair 0 takes the last sample: 100 + 1·16, 116 − 1·16, 100 + 7·16; the step is 614·16 / 256 = 38 then: 212 − 8·38.
  const held = microsoft(0, 16, 100, 50, 0x1f, 0x78);
  expect([...decodeWav(blocks(2, held, held.length)).samples]).toEqual([50, 100, 116, 100, 212, -92]);
  // Pair 1 goes on as before: 2·100 − 50; 2·150 − 100 − 2·16.
  const line = microsoft(1, 16, 100, 50, 0x0e);
  expect([...decodeWav(blocks(2, line, line.length)).samples]).toEqual([50, 100, 150, 168]);
  // Pair 2 predicts nothing, and what is too loud is clipped: 7·16,000.
  const loud = microsoft(2, 16_000, 0, 0, 0x79);
  expect([...decodeWav(blocks(2, loud, loud.length)).samples]).toEqual([0, 0, 32_767, -32_768]);
});

test("a block that is cut off within its header holds nothing", () => {
  expect(decodeWav(blocks(2, new Uint8Array(5), 100)).samples).toHaveLength(0);
  expect(decodeWav(blocks(0x11, new Uint8Array(3), 100)).samples).toHaveLength(0);
});
