// Real pictures, sounds and translations: each goes in by one call without options and comes out with these columns.
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import type { ColumnType, DatasetFormat } from "../../src/contract/dataset.ts";
import { ingest } from "../../src/datasets/ingest.ts";
import { absent, sharedData, uploadFolder } from "./uploads.ts";

const { folder } = uploadFolder();

interface Expected {
  files: string[];
  format: DatasetFormat;
  rows: number;
  target: string | null;
  columns: Record<string, ColumnType>;
  /** of the first column */
  shape?: number[];
  sampleRate?: number;
  /** Rows of each part. */
  parts?: Record<string, number>;
  /** The first warning. */
  warning?: RegExp;
}

const idx = (set: string, ...parts: string[]) =>
  parts.flatMap((part) => ["images-idx3", "labels-idx1"].map((kind) => `${set}/${part}-${kind}-ubyte.gz`));
const images: Record<string, ColumnType> = { image: "image", label: "integer" };

const sets: Record<string, Expected> = {
  "mnist, four files": {
    files: idx("mnist", "train", "t10k"),
    format: "idx",
    rows: 70_000,
    target: "label",
    columns: { ...images, split: "category" },
    shape: [28, 28, 1],
    parts: { train: 60_000, test: 10_000 },
  },
  "fashion-mnist, two files": {
    files: idx("fashion-mnist", "t10k"),
    format: "idx",
    rows: 10_000,
    target: "label",
    columns: images,
    shape: [28, 28, 1],
  },
  // Its training part is four times as large and read in the same way; two archives at once: images.test.ts.
  cifar10: {
    files: ["cifar10/cifar10-test-jpg.zip"],
    format: "images",
    rows: 4000,
    target: "label",
    columns: { image: "image", label: "category" },
    shape: [32, 32, 3],
  },
  "sign-language-digits, with a stray size": {
    files: ["sign-language-digits/sign-language-digits.zip"],
    format: "images",
    rows: 900,
    target: "label",
    columns: { ...images, split: "category" },
    shape: [100, 100, 3],
    parts: { train: 700, test: 200 },
    warning: /IMG_5874.JPG" is 3024×3024, was stretched to 100×100/,
  },
  "photos, without classes": {
    files: ["photos/china.jpg", "photos/flower.jpg"],
    format: "images",
    rows: 2,
    target: null,
    columns: { image: "image", file: "category" },
    shape: [171, 256, 3],
    warning: /scaled to 171×256/,
  },
  "fsdd, by the names of the files": {
    files: ["fsdd/fsdd-recordings.zip"],
    format: "audio",
    rows: 3000,
    target: "label",
    columns: { audio: "audio", label: "integer", speaker: "category", index: "integer" },
    sampleRate: 8000,
  },
  "multi30k, eight files": {
    files: ["train", "val", "test_2016_flickr", "test_2017_flickr"].flatMap((part) =>
      ["en", "de"].map((language) => `multi30k-en-de/raw/${part}.${language}.gz`),
    ),
    format: "text",
    rows: 32_014,
    target: "de",
    columns: { en: "text", de: "text", split: "category" },
    parts: { train: 29_000, test: 2000, validation: 1014 },
  },
  "sst2, three parts of a table": {
    files: ["train", "dev", "test"].map((part) => `sst2/sst2-${part}.tsv`),
    format: "tsv",
    rows: 9613,
    target: "label",
    columns: { label: "category", text: "text", split: "category" },
    parts: { train: 6920, test: 1821, validation: 872 },
  },
};

describe("a real set (skipped where ../shared/data is absent)", () => {
  for (const [name, { files, parts = {}, warning = /^/, shape, sampleRate, ...expected }] of Object.entries(sets)) {
    test.skipIf(absent(files[0]))(`${name} is understood`, async () => {
      const paths = files.map((file) => ({ path: join(sharedData, file), filename: basename(file) }));
      const { columns, problems, ...read } = await ingest({ files: paths, workFolder: folder });
      expect({ ...read, target: read.suggestedTarget }).toMatchObject({
        format: expected.format,
        rows: expected.rows,
        target: expected.target,
      });
      expect(Object.fromEntries(columns.map(({ name: column, type }) => [column, type]))).toEqual(expected.columns);
      expect({ shape: columns[0].shape, sampleRate: columns[0].sample_rate }).toEqual({ shape, sampleRate });
      const counted = columns.find((column) => column.name === "split")?.statistics.most_frequent ?? [];
      expect(Object.fromEntries(counted.map(({ value, count }) => [value, count]))).toEqual(parts);
      expect(problems[0]?.detail ?? "").toMatch(warning);
      expect(problems.filter(({ severity }) => severity === "error")).toEqual([]);
    });
  }
});
