// Sounds: WAV of every width, MP3; mono, one sample rate; labels by folder or by the pattern of the names.
import { describe, expect, test } from "vitest";
import { readTable } from "../../src/datasets/read-table.ts";
import { resample } from "../../src/datasets/readers/resample.ts";
import { decodeWav } from "../../src/datasets/readers/wav.ts";
import { samples, silentMp3, wav, zip } from "./pictures.ts";
import { uploadFolder } from "./uploads.ts";

const { send, refusal } = uploadFolder({ small: true });
const sound = wav(samples(0, 1, -1, 32767, -32768));

describe("WAV", () => {
  const floats = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer);
  const doubles = (...values: number[]) => new Uint8Array(Float64Array.from(values).buffer);
  test.each([
    ["16 bit, exact to the last bit", sound, [0, 1, -1, 32767, -32768]],
    ["8 bit, unsigned", wav(Uint8Array.of(128, 255, 0), { bits: 8 }), [0, 32512, -32768]],
    ["24 bit", wav(Uint8Array.of(0, 0, 64, 0, 0, 192), { bits: 24 }), [16384, -16384]],
    ["32 bit", wav(Uint8Array.of(0, 0, 0, 64), { bits: 32 }), [16384]],
    ["floats, clipped", wav(floats(0.5, 1.5, -2), { tag: 3, bits: 32 }), [16384, 32767, -32768]],
    ["doubles", wav(doubles(-0.25), { tag: 3, bits: 64 }), [-8192]],
    ["two channels, as their mean", wav(samples(100, 300, -50, 50), { channels: 2 }), [200, 0]],
    [
      "a length that was not known when it was written",
      Buffer.from(sound).fill(0xff, 40, 44),
      [0, 1, -1, 32767, -32768],
    ],
  ])("%s", (_what, bytes, expected) => {
    expect([...decodeWav(bytes).samples]).toEqual(expected);
  });

  test.each([
    ["cut off", sound.subarray(0, -4), /promises 10 bytes of samples and has 6/],
    ["without samples", sound.subarray(0, 36), /"data" is missing/],
    ["of an unknown format", wav(samples(1), { tag: 85, bits: 8 }), /format 85 with 8 bits/],
    ["of no channel", wav(samples(1), { channels: 0 }), /0 channels/],
    ["of an impossible rate", wav(samples(1), { rate: 0 }), /0 samples per second/],
  ])("%s it is refused", (_what, bytes, says) => {
    expect(() => decodeWav(bytes)).toThrow(says);
  });
});

describe("resampling", () => {
  const tone = (hertz: number, rate: number, count: number) =>
    Int16Array.from({ length: count }, (_, i) => Math.round(10_000 * Math.sin((2 * Math.PI * hertz * i) / rate)));

  test.each([
    [16_000, 8000],
    [44_100, 16_000],
    [8000, 44_100],
  ])("a tone of 440 Hz at %i Hz is the same tone at %i Hz", (from, to) => {
    const count = from / 10;
    const resampled = resample(tone(440, from, count), from, to);
    const expected = tone(440, to, Math.round((count * to) / from));
    expect(resampled.length).toBe(expected.length);
    // Away from the ends, where the tone begins out of nothing.
    for (let i = 200; i < expected.length - 200; i++) expect(Math.abs(resampled[i] - expected[i])).toBeLessThan(30);
  });

  test("what the new rate cannot hold vanishes instead of coming back as another tone", () => {
    const resampled = resample(tone(6000, 16_000, 1600), 16_000, 8000);
    for (let i = 200; i < resampled.length - 200; i++) expect(Math.abs(resampled[i])).toBeLessThan(30);
  });
});

test("label, speaker and index are found in file names that all have them; samples are kept exactly", async () => {
  const names = [0, 1].flatMap((digit) =>
    ["ann", "bob"].flatMap((speaker) => [0, 1].map((i) => `${digit}_${speaker}_${i}`)),
  );
  const content = zip(Object.fromEntries(names.map((name) => [`recordings/${name}.wav`, sound])));
  const { format, columns, parquetPath, suggestedTarget } = await send({ content });
  expect({ format, suggestedTarget }).toEqual({ format: "audio", suggestedTarget: "label" });
  expect(columns).toMatchObject([
    // 5 samples at 8000 Hz
    { name: "audio", type: "audio", sample_rate: 8000, statistics: { min: 0.000625, max: 0.000625 } },
    { name: "label", type: "integer" },
    { name: "speaker", type: "category" },
    { name: "index", type: "integer" },
  ]);
  const [audio] = (await readTable(parquetPath, columns)).columns;
  expect(audio).toMatchObject({ sampleRate: 8000 });
  const { samples: all, starts } = audio as unknown as { samples: Int16Array; starts: Float64Array };
  expect([...all.subarray(starts[1], starts[2])]).toEqual([0, 1, -1, 32767, -32768]);
});

test("options.split gives the part by the values of a column", async () => {
  const content = zip(Object.fromEntries([0, 1, 2].map((index) => [`a_${index}.wav`, sound])));
  const split = { column: "index", test: ["0"], validation: ["1"] };
  const { columns } = await send({ content, options: { pattern: "{label}_{index}", split } });
  expect(columns.at(-1)).toMatchObject({ name: "split", examples: ["test", "validation", "train"] });
  const { faults } = await refusal({ content, options: { split: { column: "indx", test: ["0"] } } });
  expect(faults[0]).toMatchObject({ pointer: "/options/split/column", code: "unknown_column" });
});

test("MP3 and a stray sample rate are brought to the most common one, and reported", async () => {
  const content = zip({ "a/1.wav": sound, "a/2.wav": sound, "b/3.mp3": silentMp3(20) });
  const { columns, problems, parquetPath } = await send({ content });
  expect(columns[0]).toMatchObject({ sample_rate: 8000 });
  expect(problems[0]).toMatchObject({ code: "sound_resampled", row: 3, value: "b/3.mp3" });
  const { samples: all, starts } = (await readTable(parquetPath, columns)).columns[0] as never as {
    samples: Int16Array;
    starts: Float64Array;
  };
  const silence = all.subarray(starts[2], starts[3]);
  // 20 frames of 1152 samples at 44,100 Hz, less what a decoder cuts from both ends
  expect(silence.length).toBeGreaterThan((17 * 1152 * 8000) / 44_100);
  expect(silence.length).toBeLessThanOrEqual((20 * 1152 * 8000) / 44_100 + 1);
  expect(silence.every((value) => value === 0)).toBe(true);
});
