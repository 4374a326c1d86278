// Looking at a dataset: images and sounds by address, the table as Parquet.
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Dataset } from "../../src/contract/dataset.ts";
import { type Application, expectProblem, expectStatus, startApplication } from "./service.ts";

let service: Application;
let digits: Dataset;

/** Two images of 1 × 2 pixels, labelled 7 and 9. */
const images = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0, 255, 128, 64);
const labels = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 7, 9);

beforeAll(async () => {
  service = await startApplication();
  const body = new FormData();
  body.append("file", new Blob([images]), "images-idx3-ubyte");
  body.append("file", new Blob([labels]), "labels-idx1-ubyte");
  const answer = await service.call<Dataset>("POST", "/v1/datasets", { body });
  expectStatus(answer, 201);
  digits = answer.body;
});
afterAll(async () => await service.stop());

test("an image is shown as the path of its bytes, in the rows and in the examples", async () => {
  const paths = [1, 2].map((row) => `${digits.links.rows}/${row}/image`);
  expect(digits.schema.columns[0].examples).toEqual(paths);
  const { body } = await service.call<{ data: object[] }>("GET", digits.links.rows);
  expect(body.data).toEqual([
    { image: paths[0], label: 7 },
    { image: paths[1], label: 9 },
  ]);
});

test("the bytes are a PNG that may be kept", async () => {
  const path = `${service.url}${digits.links.rows}/2/image`;
  const picture = await fetch(path);
  expect(picture.headers.get("content-type")).toBe("image/png");
  expect(picture.headers.get("cache-control")).toContain("immutable");
  const { default: sharp } = await import("sharp");
  const { data, info } = await sharp(await picture.arrayBuffer())
    .toColourspace("b-w")
    .raw()
    .toBuffer({ resolveWithObject: true });
  expect({ pixels: [...data], width: info.width, height: info.height }).toEqual({
    pixels: [128, 64],
    width: 2,
    height: 1,
  });
  const again = await fetch(path, { headers: { "if-none-match": picture.headers.get("etag")! } });
  expect(again.status).toBe(304);
});

test.each([
  ["a row that is not there", "/3/image", /count from 1 to 2/],
  ["a column that is not there", "/1/imag", /no column "imag".*mean "image"/],
  ["a column without bytes", "/1/label", /integer values, which have no bytes/],
])("%s is named", async (_what, place, says) => {
  const { detail, hint } = expectProblem(await service.call("GET", `${digits.links.rows}${place}`), 404);
  expect(`${detail} ${hint}`).toMatch(says);
});

test("there is no row 0: rows count from 1", async () => {
  expect(expectProblem(await service.call("GET", `${digits.links.rows}/0/image`), 404).detail).toMatch(/at least 1/);
});

test("the typed table can be downloaded with its names, and read again", async () => {
  const rows = [
    { when: "2026-01-31", 'a name; with "quotes"': 1.5, word: "x" },
    { when: "2026-02-01", 'a name; with "quotes"': null, word: "y" },
  ];
  const { body: table } = await service.call<Dataset>("POST", "/v1/datasets", { json: { name: "mine", rows } });
  const parquet = await fetch(`${service.url}${table.links.download}`);
  expect(parquet.headers.get("content-type")).toBe("application/vnd.apache.parquet");
  expect(parquet.headers.get("content-disposition")).toBe('attachment; filename="mine.parquet"');
  const again = await service.call<Dataset>("POST", "/v1/datasets", { body: await parquet.arrayBuffer() });
  expectStatus(again, 201);
  const schemaOf = ({ schema }: Dataset) => schema.columns.map(({ name, type }) => [name, type]);
  expect(schemaOf(again.body)).toEqual(schemaOf(table));
  expect(await service.workFiles()).toEqual([]);
});
