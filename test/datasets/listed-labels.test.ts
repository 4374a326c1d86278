// A table beside pictures or sounds that says what they are: in the archive or sent with it.
import { expect, test } from "vitest";
import { ingest } from "../../src/datasets/ingest.ts";
import { samples, wav, zip } from "./pictures.ts";
import { uploadFolder } from "./uploads.ts";

const { folder, write, send, refusal } = uploadFolder({ small: true });
const sound = wav(samples(1, 2, 3));
const text = (content: string) => Buffer.from(content);

test("texts of sounds stand in a table in the archive, by path, by name or without the ending", async () => {
  const table = 'file,text,speaker\nclips/b.wav,"Good morning, Ann.",ann\na.wav,"0 4 1",bob\nc,,bob\n';
  const content = zip({ "clips/a.wav": sound, "clips/b.wav": sound, "clips/c.wav": sound, "texts.csv": text(table) });
  const { columns, problems } = await send({ content, options: { columns: { text: "text" } } });
  expect(problems).toMatchObject([{ code: "constant_column", column: "audio" }]);
  expect(columns.map(({ name, type }) => [name, type])).toEqual([
    ["audio", "audio"],
    ["text", "text"],
    ["speaker", "category"],
  ]);
  expect(columns[1]).toMatchObject({ examples: ["0 4 1", "Good morning, Ann."], statistics: { missing: 1 } });
});

test("the table is sent beside the archive, and says more than the pattern of the names and their folders", async () => {
  const archive = write(zip({ "train/1_ann.wav": sound, "test/2_bob.wav": sound }), "sounds.zip");
  const table = write("sentence\tpath\nhello\ttrain/1_ann.wav\ngood bye\ttest/2_bob.wav\n", "texts.tsv");
  const { columns } = await ingest({
    files: [archive, table],
    options: { pattern: "{number}_{speaker}" },
    workFolder: folder,
    small: true,
  });
  expect(columns.map(({ name }) => name)).toEqual(["audio", "number", "speaker", "sentence", "split"]);
  expect(columns[3].examples).toEqual(["hello", "good bye"]);
});

test("lines and files without each other are named", async () => {
  const content = zip({
    "a.wav": sound,
    "b.wav": sound,
    "list.csv": text("file,text\na.wav,one\n\na.wav,two\nz.wav,three\n"),
  });
  const { problems } = await refusal({ content });
  expect(problems.map(({ code, line, value }) => [code, line, value])).toEqual([
    ["listed_twice", 4, "a.wav"],
    ["unknown_file", 5, "z.wav"],
    ["unlisted_file", null, "b.wav"],
  ]);
});

test("a table about something else is ignored with a warning, and so are several", async () => {
  const other = text("city,people\nRome,3\nOslo,1\n");
  const media = { "cat/1.wav": sound, "dog/2.wav": sound };
  for (const tables of [{ "notes.csv": other }, { "notes.csv": other, "more.csv": other }]) {
    const { columns, problems } = await send({ content: zip({ ...media, ...tables }) });
    expect(problems[0]).toMatchObject({ code: "ignored_files", value: "notes.csv" });
    expect(columns.map(({ name }) => name)).toEqual(["audio", "label"]);
  }
});
