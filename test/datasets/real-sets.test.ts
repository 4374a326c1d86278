// Real tables, texts and series: each goes in by one call without options and comes out with these types and this target.
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import type { ColumnType } from "../../src/contract/dataset.ts";
import { absent, sharedData, uploadFolder } from "./uploads.ts";

const { send } = uploadFolder();

interface Expected {
  rows: number;
  target: string;
  /** How many columns of each type; unless given by name below. */
  counts: Partial<Record<ColumnType, number>>;
  /** Types of the columns that could be mistaken. */
  types?: Record<string, ColumnType>;
  /** Codes of the warnings that must be among those given. */
  warnings?: string[];
}

const sets: Record<string, Expected> = {
  "iris/iris.csv": { rows: 150, target: "species", counts: { number: 4, category: 1 } },
  "wine/wine.csv": { rows: 178, target: "class", counts: { number: 11, integer: 2, category: 1 } },
  "breast-cancer-wdbc/wdbc.csv": { rows: 569, target: "diagnosis", counts: { number: 30, category: 1 } },
  "titanic/train.csv": {
    rows: 891,
    target: "Survived",
    counts: { integer: 5, number: 2, category: 2, text: 3 },
    types: { Sex: "category", Age: "number", Name: "text", Survived: "integer" },
    warnings: ["id_like_column"],
  },
  "adult/adult-train.csv.gz": {
    rows: 32_561,
    target: "income",
    counts: { integer: 6, category: 9 },
    types: { workclass: "category", "education-num": "integer" },
    warnings: ["duplicate_rows"],
  },
  "penguins/penguins.csv": {
    rows: 344,
    target: "species",
    counts: { category: 3, number: 2, integer: 3 },
    types: { sex: "category", body_mass_g: "integer" },
  },
  "wine-quality/winequality-red.csv": {
    rows: 1599,
    target: "quality",
    counts: { number: 11, integer: 1 },
    types: { quality: "integer" },
    warnings: ["duplicate_rows"],
  },
  "digits8x8/digits.csv": { rows: 1797, target: "digit", counts: { integer: 65 }, warnings: ["constant_column"] },
  "diabetes/diabetes.csv": { rows: 442, target: "target", counts: { number: 6, integer: 5 } },
  "california-housing/housing.csv": {
    rows: 20_640,
    target: "median_house_value",
    counts: { number: 9, category: 1 },
    types: { ocean_proximity: "category" },
  },
  "auto-mpg/mpg.csv": { rows: 398, target: "mpg", counts: { number: 4, integer: 3, category: 1, text: 1 } },
  "bike-sharing/day.csv": {
    rows: 731,
    target: "cnt",
    // 2021-02-29 among its dates is no day of the calendar.
    counts: { integer: 11, text: 1, number: 4 },
    warnings: ["mixed_dates"],
  },
  "sms-spam/SMSSpamCollection.tsv": {
    rows: 5574,
    target: "Label",
    counts: { category: 1, text: 1 },
    warnings: ["class_imbalance"],
  },
  "sst2/sst2-dev.tsv": { rows: 872, target: "label", counts: { category: 1, text: 1 } },
  "rt-polarity/rt-polarity.tsv": { rows: 10_662, target: "label", counts: { category: 1, text: 1 } },
  "trec-questions/trec-train.tsv": {
    rows: 5452,
    target: "label",
    counts: { category: 2, text: 1 },
    warnings: ["determines_target"],
  },
  "imdb/imdb-test-4000.tsv.gz": {
    rows: 4000,
    target: "label",
    counts: { category: 1, integer: 1, text: 2 },
    warnings: ["determines_target", "id_like_column"],
  },
  "surnames/surnames.csv": { rows: 20_050, target: "language", counts: { text: 1, category: 1 } },
  "language-detection/language-detection.csv": { rows: 10_338, target: "Language", counts: { text: 1, category: 1 } },
  "tatoeba-en-fr/fra.txt.gz": { rows: 167_130, target: "column_2", counts: { text: 2 } },
  "scan/tasks_test_simple.txt.gz": { rows: 4182, target: "text", counts: { text: 1 } },
  "cmudict/cmudict.dict.gz": { rows: 135_166, target: "text", counts: { text: 1 } },
  "time-series/airline-passengers.csv": { rows: 144, target: "Passengers", counts: { datetime: 1, integer: 1 } },
  "time-series/daily-min-temperatures.csv": { rows: 3650, target: "Temp", counts: { datetime: 1, number: 1 } },
  "time-series/monthly-sunspots.csv": { rows: 2820, target: "Sunspots", counts: { datetime: 1, number: 1 } },
  "time-series/ETTh1.csv.gz": { rows: 17_420, target: "OT", counts: { datetime: 1, number: 7 } },
};

describe("a real set (skipped where ../shared/data is absent)", () => {
  for (const [path, { rows, target, counts, types = {}, warnings = [] }] of Object.entries(sets)) {
    test.skipIf(absent(path))(`${path} is understood`, async () => {
      const read = await send({ content: readFileSync(join(sharedData, path)), filename: basename(path) });
      const found: Partial<Record<ColumnType, number>> = {};
      for (const { type } of read.columns) found[type] = (found[type] ?? 0) + 1;
      const typeOf = Object.fromEntries(read.columns.map(({ name, type }) => [name, type]));
      expect({ rows: read.rows, target: read.suggestedTarget, counts: found }).toEqual({ rows, target, counts });
      expect(typeOf).toMatchObject(types);
      expect(read.problems.map(({ code }) => code)).toEqual(expect.arrayContaining(warnings));
      expect(read.problems.filter(({ severity }) => severity === "error")).toEqual([]);
    });
  }
});
