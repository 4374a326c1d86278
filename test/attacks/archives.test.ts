// Hostile archives and media: each a problem that says which file and what to do, in bounded memory, with nothing written
// outside and nothing left behind.
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { picture, samples, wav } from "../datasets/pictures.ts";
import { uploadFolder } from "../datasets/uploads.ts";
import { craftArchive, type Entry } from "./archive-writer.ts";

const { send, refusal, leftOver } = uploadFolder({ small: true });
const png = await picture("png");
const jpeg = await picture("jpeg", { width: 64, height: 64 });
const csv = Buffer.from("a\n1\n");
const megabyte = 1024 * 1024;

/** Every entry beside an honest one. */
const archives: [sentence: string, entries: () => Entry[], code: string, says: RegExp][] = [
  ["a name above the archive", () => [{ name: "../../outside.png", bytes: png }], "unsafe_entry", /leads out/],
  ["a name from the root", () => [{ name: "/etc/cron.d/x.csv", bytes: csv }], "unsafe_entry", /leads out/],
  ["a name of a Windows drive", () => [{ name: "C:/x.csv", bytes: csv }], "unsafe_entry", /leads out/],
  ["backslashes that lead above", () => [{ name: "..\\..\\x.csv", bytes: csv }], "unsafe_entry", /leads out/],
  [
    "a symbolic link",
    () => [{ name: "a/x.png", bytes: Buffer.from("/etc/passwd"), mode: 0o120777 }],
    "unsafe_entry",
    /a link/,
  ],
  [
    "an encrypted file",
    () => [{ name: "a/x.png", bytes: png, claims: { flags: 1, compressedSize: png.length + 12 } }],
    "unreadable_file",
    /encrypted/,
  ],
  [
    "an unknown compression",
    () => [{ name: "a/x.png", bytes: png, claims: { method: 99 } }],
    "unreadable_file",
    /not read here/,
  ],
  [
    "an archive within",
    () => [{ name: "a/inner.zip", bytes: craftArchive([{ name: "x.csv", bytes: csv }]) }],
    "unreadable_file",
    /archive within/,
  ],
  ["a name that stands twice", () => [{ name: "a/honest.png", bytes: png }], "unreadable_file", /stands twice/],
  [
    "a file that unpacks a thousandfold",
    () => [{ name: "a/x.png", bytes: Buffer.alloc(101 * megabyte), deflate: true }],
    "archive_bomb",
    /500 times/,
  ],
  [
    "more bytes than promised",
    () => [{ name: "a/x.png", bytes: Buffer.alloc(megabyte), deflate: true, claims: { size: 100 } }],
    "unreadable_file",
    /is damaged/,
  ],
  [
    "other bytes than promised",
    () => [{ name: "a/x.png", bytes: png, claims: { checksum: 1 } }],
    "unreadable_file",
    /is damaged/,
  ],
  [
    "a picture larger than any",
    () => [{ name: "a/x.png", bytes: pngOf(60_000, 60_000) }],
    "unreadable_file",
    /60000×60000 pixels/,
  ],
  [
    "a truncated JPEG",
    () => [{ name: "a/x.jpg", bytes: jpeg.subarray(0, jpeg.length / 2) }],
    "unreadable_file",
    /is damaged/,
  ],
  [
    "an SVG called PNG",
    () => [{ name: "a/x.png", bytes: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>') }],
    "unreadable_file",
    /no PNG, JPEG or WebP/,
  ],
  [
    "a TIFF called JPEG",
    () => [{ name: "a/x.jpg", bytes: Buffer.from("II*\0\u0008\0\0\0") }],
    "unreadable_file",
    /no PNG, JPEG or WebP/,
  ],
  ["an empty picture", () => [{ name: "a/x.png" }], "unreadable_file", /no PNG, JPEG or WebP/],
];

/** A PNG whose header promises this size, with nothing behind it. */
function pngOf(width: number, height: number): Buffer {
  const header = Buffer.from(png);
  header.writeUInt32BE(width, 16);
  header.writeUInt32BE(height, 20);
  return header;
}

describe("an archive with", () => {
  test.each(archives)("%s", async (_sentence, entries, code, says) => {
    const { problems } = await refusal({ content: craftArchive([{ name: "a/honest.png", bytes: png }, ...entries()]) });
    const problem = problems.find((one) => one.code === code);
    expect(problem).toMatchObject({ severity: "error" });
    expect(problem!.detail).toMatch(says);
    expect(problem!.hint).not.toBe("");
  });

  test("files that share their bytes", async () => {
    const bytes = Buffer.alloc(megabyte);
    const entries = Array.from({ length: 50 }, (_, i): Entry => ({
      name: `a/${i}.png`,
      claims: { offset: 0, compressedSize: bytes.length, size: bytes.length },
    }));
    const { problems } = await refusal({ content: craftArchive([{ name: "a/x.png", bytes }, ...entries]) });
    expect(problems).toMatchObject([{ code: "broken_archive" }]);
  });

  test("more bytes, all together, than may be unpacked", async () => {
    const entries = Array.from({ length: 20 }, (_, i): Entry => ({
      name: `${i}.csv`,
      bytes: Buffer.alloc(megabyte, "1\n"),
      deflate: true,
    }));
    const { problems } = await refusal({ content: craftArchive(entries), limits: { unpackedMegabytes: 16 } });
    expect(problems).toMatchObject([{ code: "too_large_unpacked" }]);
  });

  test("more pixels, all together, than may be unpacked", async () => {
    const large = await picture("png", { width: 256, height: 256 });
    const entries = Array.from({ length: 6 }, (_, i): Entry => ({ name: `a/${i}.png`, bytes: large }));
    const { problems } = await refusal({ content: craftArchive(entries), limits: { unpackedMegabytes: 1 } });
    expect(problems).toMatchObject([{ code: "too_many_pixels" }]);
  });

  test("thirty thousand files that are no pictures: the first hundred are named, all are counted", async () => {
    const entries = Array.from({ length: 30_000 }, (_, i): Entry => ({ name: `a/${i}.png` }));
    const { problems, problemCount } = await refusal({ content: craftArchive(entries) });
    expect(problems).toHaveLength(100);
    expect(problemCount).toBe(30_000);
  });

  test("more files than anybody has, by their number alone", async () => {
    const { problems } = await refusal({ content: craftArchive([{ name: "a/x.png" }], 4_000_000_000) });
    expect(problems).toMatchObject([{ code: "too_many_entries" }]);
  });

  test.each([
    ["its directory cut off", craftArchive([{ name: "a/x.png", bytes: png }]).subarray(0, -30)],
    ["nothing but its magic", Buffer.from("PK\u0003\u0004", "latin1")],
    [
      "a directory that points anywhere",
      craftArchive([{ name: "a/x.png", bytes: png, claims: { offset: 0x7fffffff } }]),
    ],
  ])("%s", async (_sentence, content) => {
    const { problems } = await refusal({ content });
    expect(problems[0]).toMatchObject({ severity: "error" });
  });
});

describe("a sound with", () => {
  const sound = wav(samples(1, 2, 3, 4));
  const patched = (at: number, value: number) => {
    const bytes = Buffer.from(sound);
    bytes.writeUInt32LE(value, at);
    return bytes;
  };
  test.each([
    ["more samples than it has", patched(40, 0x7fffffff), /promises 2147483647 bytes/],
    ["a header of four gigabytes", patched(16, 0xfffffff0), /"data" is missing/],
    ["a rate beyond any", patched(24, 0xffffffff), /4294967295 samples per second/],
    ["no samples", wav(new Uint8Array()), /has no samples/],
    [
      "bytes that are no MP3",
      Buffer.concat([Buffer.from([0xff, 0xfb, 0x90, 0xc4]), Buffer.alloc(50, 7)]),
      /no WAV or MP3/,
    ],
  ])("%s", async (_sentence, bytes, says) => {
    const name = bytes[0] === 0xff ? "a/x.mp3" : "a/x.wav";
    const { problems } = await refusal({
      content: craftArchive([
        { name: "a/honest.wav", bytes: sound },
        { name, bytes },
      ]),
    });
    expect(problems[0]).toMatchObject({ code: "unreadable_file", value: name });
    expect(problems[0].detail).toMatch(says);
  });
});

test("a sound that its new rate would make a thousandfold longer", async () => {
  const slow = wav(new Uint8Array(1000), { rate: 1 });
  const fast = wav(samples(1, 2), { rate: 384_000 });
  const entries = [slow, fast, fast].map((bytes, i): Entry => ({ name: `a/${i}.wav`, bytes }));
  const { problems } = await refusal({ content: craftArchive(entries), limits: { unpackedMegabytes: 64 } });
  expect(problems).toMatchObject([{ code: "too_large_unpacked" }]);
});

describe("outside", () => {
  const around = mkdtempSync(join(tmpdir(), "deltarule-around-"));
  afterAll(() => rmSync(around, { recursive: true, force: true }));

  test("nothing was written, and what was unpacked is gone", async () => {
    await refusal({ content: craftArchive([{ name: `../../../..${around}/x.csv`, bytes: csv }]) });
    expect(readdirSync(around)).toEqual([]);
    expect(leftOver()).toEqual([]);
  });

  test("names of properties of every object are plain class names", async () => {
    const names = ["__proto__", "constructor", "toString"];
    const { columns } = await send({
      content: craftArchive(names.map((name) => ({ name: `${name}/x.png`, bytes: png }))),
    });
    expect(columns[1].examples).toEqual(names);
    expect(({} as Record<string, unknown>)["x.png"]).toBeUndefined();
  });
});
