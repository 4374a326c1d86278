// Several files: given parts of a table, pairs of translations, a table in an archive.
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import type { DatasetOptions } from "../../src/contract/dataset.ts";
import { ingest } from "../../src/datasets/ingest.ts";
import { DatasetError } from "../../src/datasets/problems.ts";
import { zip } from "./pictures.ts";
import { uploadFolder } from "./uploads.ts";

const { folder, write, send } = uploadFolder({ small: true });

type File = [field: string, filename: string, content: string | Uint8Array];
const sendFiles = (files: File[], options?: DatasetOptions) =>
  ingest({
    files: files.map(([field, filename, content]) => ({ ...write(content, filename), field })),
    workFolder: folder,
    small: true,
    ...(options !== undefined && { options }),
  });
const refusalOf = async (files: File[]) => {
  const error: unknown = await sendFiles(files).catch((reason: unknown) => reason);
  if (error instanceof DatasetError) return error;
  throw new Error(`Expected a DatasetError, got ${String(error)}.`);
};
const columnsOf = ({ columns }: Awaited<ReturnType<typeof sendFiles>>) =>
  columns.map(({ name, examples }) => [name, examples]);

test.each<[string, File[]]>([
  [
    "the fields",
    [
      ["train", "a.csv", "x,y\n1,u\n2,v\n"],
      ["test", "b.csv", "y,x\nw,3\n"],
    ],
  ],
  [
    "the names of the files",
    [
      ["file", "my-train.csv", "x,y\n1,u\n2,v\n"],
      ["file", "my-test.csv.gz", gzipSync("x,y\n3,w\n")],
    ],
  ],
  [
    "one field: the other file is for training",
    [
      ["file", "a.csv", "x,y\n1,u\n2,v\n"],
      ["test", "b.csv", "x,y\n3,w\n"],
    ],
  ],
  [
    "JSON lines",
    [
      ["train", "a.jsonl", '{"x":1,"y":"u"}\n{"x":2,"y":"v"}\n'],
      ["test", "b.jsonl", '{"y":"w","x":3}\n'],
    ],
  ],
])("parts of a table are told apart by %s", async (_what, files) => {
  const dataset = await sendFiles(files);
  expect(columnsOf(dataset)).toEqual([
    ["x", [1, 2, 3]],
    ["y", ["u", "v", "w"]],
    ["split", ["train", "train", "test"]],
  ]);
  expect(dataset.suggestedTarget).not.toBe("split");
});

test("an archive of a table, or of its parts, is that table", async () => {
  expect(columnsOf(await send({ content: zip({ "data/points.csv": Buffer.from("x\n1\n2\n") }) }))).toEqual([
    ["x", [1, 2]],
  ]);
  const parts = { "d/train.csv": Buffer.from("x\n1\n2\n"), "d/test.csv.gz": gzipSync("x\n3\n") };
  const dataset = await send({ content: zip(parts) });
  expect(dataset.format).toBe("csv");
  expect(columnsOf(dataset)[1]).toEqual(["split", ["train", "train", "test"]]);
});

test("a bad cell is named with its file and its line there", async () => {
  const numbers = Array.from({ length: 30 }, (_, i) => `${i}`).join("\n");
  const { problems } = await refusalOf([
    ["train", "a.csv", `x\n${numbers}\n`],
    ["test", "b.csv", "x\n1\noops\n"],
  ]);
  expect(problems).toMatchObject([{ code: "not_a_number", file: "b.csv", line: 3, value: "oops" }]);
  const structure = await refusalOf([
    ["train", "a.csv", "x,y\n1,2\n"],
    ["test", "b.csv", "x,y\n1,2\n1,2,3\n"],
  ]);
  expect(structure.problems).toMatchObject([{ code: "extra_fields", file: "b.csv", line: 3 }]);
});

test.each<[string, File[], string, RegExp]>([
  [
    "other columns",
    [
      ["train", "a.csv", "x,y\n1,2\n"],
      ["test", "b.csv", "x,z\n1,2\n"],
    ],
    "parts_differ",
    /"y" is missing, "z" is new/,
  ],
  [
    "another format",
    [
      ["train", "a.csv", "x\n1\n"],
      ["test", "b.json", '[{"x":1}]'],
    ],
    "wrong_file_count",
    /a.csv" is csv, "b.json" is json/,
  ],
  [
    "no name for its part",
    [
      ["file", "a.csv", "x\n1\n"],
      ["file", "b.csv", "x\n1\n"],
    ],
    "wrong_file_count",
    /do not say which part/,
  ],
])("a part with %s is refused", async (_what, files, code, says) => {
  const { problems } = await refusalOf(files);
  expect(problems[0]).toMatchObject({ code });
  expect(problems[0].detail).toMatch(says);
});

test.each<[string, File[], string[]]>([
  [
    "endings",
    [
      ["file", "train.en.gz", gzipSync("a b\nc?\n")],
      ["file", "train.de", "x\ny\n"],
    ],
    ["en", "de"],
  ],
  [
    "languages as fields",
    [
      ["en", "left", "a b\nc?\n"],
      ["fr", "right", "x\r\ny\r\n"],
    ],
    ["en", "fr"],
  ],
  [
    "source and target",
    [
      ["source", "l.txt", "a b\nc?\n"],
      ["target", "r.txt", "x\ny"],
    ],
    ["source", "target"],
  ],
])("two files of lines are parallel text, named by %s", async (_what, files, names) => {
  const dataset = await sendFiles(files);
  expect(dataset).toMatchObject({ format: "text", rows: 2, suggestedTarget: names[1] });
  expect(columnsOf(dataset)).toEqual([
    [names[0], ["a b", "c?"]],
    [names[1], ["x", "y"]],
  ]);
});

test("pairs for each part, several for one, become one dataset", async () => {
  const stems = ["train", "val", "test_2016", "test_2017"];
  const files = stems.flatMap((stem): File[] => [
    ["file", `${stem}.de`, `${stem} x\n`],
    ["file", `${stem}.en`, `${stem} a\n`],
  ]);
  const { columns } = await sendFiles(files);
  expect(columns.map(({ name }) => name)).toEqual(["de", "en", "split"]);
  expect(columns[2].examples).toEqual(["train", "validation", "test", "test"]);
});

test("files that are not aligned are refused with the line where one ends", async () => {
  const { problems } = await refusalOf([
    ["file", "a.en", "1\n2\n3\n"],
    ["file", "a.de", "1\n2\n"],
  ]);
  expect(problems[0]).toMatchObject({ code: "lines_differ", line: 3, value: "a.de" });
  expect(problems[0].detail).toContain('"a.de" has 2 lines, "a.en" has more');
});

test.each([
  ["words with a colon stand in every line", (i: number) => `IN: jump ${i} OUT: I_JUMP`, "IN: {source} OUT: {target}"],
  [
    "a word of its own stands before few symbols",
    (i: number) => `word${i} ${"AH0 B K ".repeat(8)}`,
    "{source} {target}",
  ],
  ["they are plain sentences", (i: number) => `the day ${i} was as any other day ${i + 1}`, undefined],
])("a pattern for lines is named where %s", async (_where, lineOf, pattern) => {
  const lines = Array.from({ length: 30 }, (_, i) => lineOf(i)).join("\n");
  const { problems, columns } = await send({ content: lines, format: "text" });
  expect(columns.map(({ name }) => name)).toEqual(["text"]);
  const hints = problems.filter(({ code }) => code === "whole_lines").map(({ hint }) => hint);
  expect(hints).toEqual(
    pattern === undefined ? [] : [`To cut them into columns, send options {"pattern": "${pattern}"}.`],
  );
});

test("labels that end in a dot in the test file alone are those of the training file, and that is said", async () => {
  const dataset = await sendFiles([
    ["train", "a.csv", "x,note,y\n1,so.,<=50K\n2,b,>50K\n3,b,>50K\n"],
    ["test", "b.csv", "x,note,y\n4,so., <=50K.\n5,new.,>50K.\n6,b.,\n"],
  ]);
  expect(columnsOf(dataset)[2]).toEqual(["y", ["<=50K", ">50K", ">50K", "<=50K", ">50K"]]);
  expect(columnsOf(dataset)[1][1].slice(3)).toEqual(["so.", "new."]);
  expect(dataset.problems).toMatchObject([{ code: "final_dots", severity: "warning", column: "y", value: "<=50K." }]);
});

test("lines are cut by a pattern, and those it does not match are named", async () => {
  const pattern = "^IN: (?<source>.*) OUT: (?<target>.*)$";
  const lines = "IN: jump OUT: I_JUMP\nIN: run twice OUT: I_RUN I_RUN\n";
  const dataset = await send({ content: lines, format: "text", options: { pattern } });
  expect(columnsOf(dataset)).toEqual([
    ["source", ["jump", "run twice"]],
    ["target", ["I_JUMP", "I_RUN I_RUN"]],
  ]);
  const error: unknown = await send({ content: `${lines}stray\n`, format: "text", options: { pattern } }).catch(
    (e: unknown) => e,
  );
  expect((error as DatasetError).problems).toMatchObject([{ code: "line_mismatch", line: 3, value: "stray" }]);
});
