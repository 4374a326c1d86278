// Pictures: archives of class folders, loose files; one size and one number of channels for all.
import { expect, test } from "vitest";
import { ingest } from "../../src/datasets/ingest.ts";
import { readTable } from "../../src/datasets/read-table.ts";
import { picture, zip } from "./pictures.ts";
import { uploadFolder } from "./uploads.ts";

const { send, refusal, leftOver, folder, write } = uploadFolder({ small: true });
const png = await picture("png");
const columnOf = async ({ parquetPath, columns }: Awaited<ReturnType<typeof send>>, name: string) =>
  (await readTable(parquetPath, columns)).columns.find((column) => column.name === name);

test("class folders become labels, PNG, JPEG and WebP become pixels", async () => {
  const [jpeg, webp] = [await picture("jpeg"), await picture("webp")];
  const dataset = await send({ content: zip({ "red/a.png": png, "red/b.JPG": jpeg, "blue/c.webp": webp }) });
  expect(dataset).toMatchObject({
    format: "images",
    rows: 3,
    suggestedTarget: "label",
    columns: [
      { name: "image", type: "image", shape: [3, 4, 3] },
      { name: "label", type: "category" },
    ],
  });
  const image = await columnOf(dataset, "image");
  // PNG is exact; JPEG and WebP come near.
  expect([...(image as { pixels: Uint8Array }).pixels.subarray(0, 3)]).toEqual([200, 40, 90]);
});

test("one folder around everything and folders of parts are understood", async () => {
  const files = { "set/train/red/1.png": png, "set/train/blue/2.png": png, "set/test/red/3.png": png };
  const dataset = await send({ content: zip({ ...files, "__MACOSX/set/._1.png": png, "set/README.md": png }) });
  expect(dataset.columns.map(({ name, examples }) => [name, examples])).toEqual([
    ["image", ["image", "image", "image"]],
    ["label", ["red", "blue", "red"]],
    ["split", ["train", "train", "test"]],
  ]);
  expect(dataset.problems[0]).toMatchObject({ code: "ignored_files", value: "set/README.md" });
});

test("an archive for each part is one dataset", async () => {
  const files = ["train", "test"].map((part) => write(zip({ "a/1.png": png, "b/2.png": png }), `digits-${part}.zip`));
  const { columns, rows } = await ingest({ files, workFolder: folder, small: true });
  expect(rows).toBe(4);
  expect(columns[2]).toMatchObject({ name: "split", examples: ["train", "train", "test", "test"] });
});

test("grey pictures have one channel, and colours when asked for", async () => {
  const grey = await picture("png", { grey: true });
  const content = zip({ "a/1.png": grey, "b/2.png": grey });
  expect((await send({ content })).columns[0].shape).toEqual([3, 4, 1]);
  const asked = await send({ content, options: { image: { channels: 3, size: [2, 5] } } });
  expect(asked.columns[0].shape).toEqual([2, 5, 3]);
});

test("a stray size is stretched to the most common one, and reported with its row and name", async () => {
  const stray = await picture("png", { width: 9, height: 9 });
  const dataset = await send({ content: zip({ "a/1.png": png, "a/2.png": stray, "b/3.png": png }) });
  expect(dataset.columns[0].shape).toEqual([3, 4, 3]);
  expect(dataset.problems[0]).toMatchObject({ code: "image_resized", row: 2, value: "a/2.png", severity: "warning" });
  expect(dataset.problems[0].detail).toContain("9×9, was stretched to 3×4");
});

test("large pictures are scaled down with their proportions, and reported", async () => {
  const large = await picture("png", { width: 640, height: 320 });
  const dataset = await send({ content: zip({ "a/1.png": large, "b/2.png": large }) });
  expect(dataset.columns[0].shape).toEqual([128, 256, 3]);
  expect(dataset.problems.map(({ code }) => code)).toContain("images_scaled_down");
});

test("pictures without folders keep their file names", async () => {
  const dataset = await send({ content: zip({ "x.png": png, "y.png": png }) });
  expect(dataset).toMatchObject({
    suggestedTarget: null,
    columns: [{ name: "image" }, { examples: ["x.png", "y.png"] }],
  });
});

test("file names are read by a pattern, as a template or as an expression", async () => {
  const content = zip({ "cat-7.png": png, "dog-8.png": png });
  for (const pattern of ["{animal}-{number}", "^(?<animal>[a-z]+)-(?<number>[0-9]+)$"]) {
    const { columns } = await send({ content, options: { pattern } });
    expect(columns.slice(1)).toMatchObject([
      { name: "animal", examples: ["cat", "dog"] },
      { name: "number", type: "integer", examples: [7, 8] },
    ]);
  }
});

test.each([
  ["a picture outside the class folders", { "red/1.png": png, "2.png": png }, {}, "file_without_class"],
  ["a picture outside the folders of the parts", { "train/r/1.png": png, "r/2.png": png }, {}, "file_without_part"],
  ["a name that the pattern does not match", { "x.png": png }, { pattern: "{a}-{b}" }, "pattern_mismatch"],
  ["a text called .png", { "a/1.png": Buffer.from("hello"), "b/2.png": png }, {}, "unreadable_file"],
])("%s is refused by name", async (_what, files, options, code) => {
  const { problems } = await refusal({ content: zip(files), options });
  expect(problems[0]).toMatchObject({ code, severity: "error" });
  expect(problems[0].value).toMatch(/png$/);
});

test.each(["[", "no group", "(?<a>x)(y)", "(?<a>x)(?<a>y)"])("the pattern %s is refused", async (pattern) => {
  const { faults } = await refusal({ content: zip({ "x.png": png }), options: { pattern } });
  expect(faults[0]).toMatchObject({ pointer: "/options/pattern", code: "invalid_pattern" });
});

test("nothing but tables and uploads is left", () =>
  expect(leftOver().filter((name) => !name.startsWith("table-"))).toEqual([]));
