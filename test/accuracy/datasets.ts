// The real data of ../shared/data: which files, which column is predicted, how rows are read and split. Where files or their
// names give the parts, only the given test part tests; what has none is split by the seed.
import { pathToFileURL } from "node:url";
import { digitSequences } from "./digit-sequences.ts";
import { spellings, stresses } from "./pronunciations.ts";
import type { TrainingTask } from "./train-on-file.ts";

/** Beside the project, unless ACCURACY_DATA names another folder. */
export const dataFolder =
  process.env["ACCURACY_DATA"] === undefined
    ? new URL("../../../shared/data/", import.meta.url)
    : pathToFileURL(`${process.env["ACCURACY_DATA"]}/`);

export type AccuracyDataset = Omit<TrainingTask, "files" | "architecture" | "hyperparameters"> & {
  files: readonly string[];
};

const idx = (folder: string): AccuracyDataset => ({
  files: ["train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"].map(
    (name) => `${folder}/${name}-ubyte.gz`,
  ),
  target: "label",
  split: { column: "split", validation: 0, test: 0 },
});

const givenParts = { column: "split", validation: 0.1 };
/** As the baselines of the data folder were measured: nothing is held out but the test. */
const fifth = { validation: 0, test: 0.2 };

export const accuracyDatasets = {
  wine: { files: ["wine/wine.csv"], target: "class" },
  "breast-cancer": { files: ["breast-cancer-wdbc/wdbc.csv"], target: "diagnosis" },
  penguins: { files: ["penguins/penguins.csv"], target: "species" },
  titanic: { files: ["titanic/train.csv"], target: "Survived" },
  digits8x8: { files: ["digits8x8/digits.csv"], target: "digit" },
  "auto-mpg": { files: ["auto-mpg/mpg.csv"], target: "mpg" },
  california: { files: ["california-housing/housing.csv"], target: "median_house_value" },
  adult: { files: ["adult/adult-train.csv.gz"], target: "income" },
  "bike-sharing": {
    files: ["bike-sharing/hour.csv"],
    target: "cnt",
    features: "dteday season yr mnth hr holiday weekday workingday weathersit temp atemp hum windspeed".split(" "),
  },
  mnist: idx("mnist"),
  "fashion-mnist": idx("fashion-mnist"),
  cifar10: {
    files: ["cifar10/cifar10-train-jpg.zip", "cifar10/cifar10-test-jpg.zip"],
    target: "label",
    features: [{ name: "image", augment: { flip: true, shift: 4 } }],
    split: givenParts,
  },
  "sign-language-digits": {
    files: ["sign-language-digits/sign-language-digits.zip"],
    target: "label",
    features: [{ name: "image", size: [64, 64], augment: { shift: 4, rotate: 10 } }],
    split: { column: "split", validation: 0 },
  },
  "sms-spam": { files: ["sms-spam/SMSSpamCollection.tsv"], target: "Label", split: fifth },
  sst2: {
    files: ["train", "dev", "test"].map((part) => `sst2/sst2-${part}.tsv`),
    target: "label",
    split: { column: "split" },
  },
  "rt-polarity": { files: ["rt-polarity/rt-polarity.tsv"], target: "label", split: { validation: 0, test: 0.1 } },
  trec: {
    files: ["trec-questions/trec-train.tsv", "trec-questions/trec-test.tsv"],
    target: "label",
    features: ["text"],
    split: { column: "split", validation: 0, test: 0 },
  },
  imdb: {
    files: ["imdb/imdb-train-8000.tsv.gz", "imdb/imdb-test-4000.tsv.gz"],
    target: "label",
    features: [{ name: "text", ngrams: [1, 2], vocabulary_size: 20_000 }],
    split: { column: "split", validation: 0 },
  },
  surnames: { files: ["surnames/surnames.csv"], target: "language", split: fifth },
  languages: { files: ["language-detection/language-detection.csv"], target: "Language", split: fifth },
  "language-characters": {
    files: ["language-detection/language-detection.csv"],
    target: "Language",
    features: [{ name: "Text", encoding: "character_ids", max_length: 128 }],
    split: fifth,
  },
  scan: {
    files: ["scan/tasks_train_simple.txt.gz", "scan/tasks_test_simple.txt.gz"],
    options: { pattern: "IN: (?P<command>.*) OUT: (?P<actions>.*)" },
    target: "actions",
    features: [{ name: "command", type: "text", max_length: 10 }],
    targetTokens: { max_length: 50 },
    split: { column: "split", validation: 0 },
  },
  "multi30k-en-de": {
    files: ["train", "val", "test_2016_flickr"].flatMap((part) =>
      ["en", "de"].map((language) => `multi30k-en-de/tok/${part}.lc.norm.tok.${language}.gz`),
    ),
    target: "de",
    features: [{ name: "en", type: "text", vocabulary_size: 3000, max_length: 30 }],
    targetTokens: { vocabulary_size: 3000, max_length: 30 },
    split: { column: "split" },
    model: { beam_width: 5 },
  },
  "cmudict-spelling": {
    files: ["cmudict/cmudict.dict.gz"],
    prepare: spellings,
    filename: "spelling.tsv",
    target: "phones",
    features: [{ name: "word", type: "text", encoding: "character_ids", max_length: 20 }],
    targetTokens: { encoding: "word_ids", max_length: 20 },
    split: { validation: 0.02, test: 0.05 },
    model: { beam_width: 5 },
  },
  "cmudict-stress": {
    files: ["cmudict/cmudict.dict.gz"],
    prepare: stresses,
    filename: "stress.tsv",
    target: "stress",
    features: [{ name: "phones", type: "text", max_length: 16 }],
    split: { validation: 0, test: 0.1 },
  },
  fsdd: {
    files: ["fsdd/fsdd-recordings.zip"],
    target: "digit",
    options: {
      pattern: "{digit}_{speaker}_{index}",
      split: { column: "index", test: ["0", "1", "2", "3", "4"] },
    },
    split: { column: "split", validation: 0.05 },
  },
  "fsdd-sequences": {
    files: ["fsdd/fsdd-recordings.zip"],
    prepare: digitSequences,
    target: "digits",
    features: ["audio"],
    targetTokens: { encoding: "word_ids", max_length: 5 },
    split: { column: "split", validation: 0.05 },
    model: { beam_width: 8 },
  },
  temperatures: {
    files: ["time-series/daily-min-temperatures.csv"],
    target: "Temp",
    window: { length: 24, horizon: 1 },
    split: { time: "Date", validation: 0, test: 0.2 },
  },
  ETTh1: {
    files: ["time-series/ETTh1.csv.gz"],
    target: "OT",
    features: ["OT"],
    window: { length: 24, horizon: 1 },
    split: { time: "date", validation: 0, test: 0.2 },
  },
} satisfies Record<string, AccuracyDataset>;

export type AccuracySetName = keyof typeof accuracyDatasets;
