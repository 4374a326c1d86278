// Datasets: immutable tables with a typed schema, statistics and problems.
import { z } from "zod";
import { listOf, pageQuery, resourceName, timestamp } from "./primitives.ts";
import { strictObject } from "./strict-object.ts";

export const columnTypes = [
  "number",
  "integer",
  "boolean",
  "category",
  "text",
  "datetime",
  "image",
  "audio",
  "sequence",
] as const;
export const columnType = z.enum(columnTypes);
export type ColumnType = z.output<typeof columnType>;

export const datasetFormats = [
  "csv",
  "tsv",
  "json",
  "ndjson",
  "parquet",
  "idx",
  "npy",
  "npz",
  "images",
  "audio",
  "text",
] as const;
export const datasetFormat = z.enum(datasetFormats);
export type DatasetFormat = z.output<typeof datasetFormat>;

export const textEncodings = ["utf-8", "utf-16le", "utf-16be", "windows-1252"] as const;
export type TextEncoding = (typeof textEncodings)[number];
export const decimalMark = z.enum([".", ","]);

/** A cell as it stands in a row: what JSON can hold. An image or a sound is the path of its bytes, a sequence its start. */
export const cell = z.union([z.string(), z.number(), z.boolean(), z.null()]);
export type Cell = z.output<typeof cell>;

/** One fault or oddity of the data, row-precise where it concerns a row. Rows count from 1 (the first data row), lines from 1. */
export const datasetProblem = z
  .object({
    row: z.number().int().nullable(),
    line: z.number().int().nullable(),
    file: z.string().optional().describe("of several files: in which one the line is; rows count through all of them"),
    column: z.string().nullable(),
    value: z.string().nullable().describe("the offending text, cut at 100 characters"),
    code: z.string(),
    severity: z.enum(["error", "warning"]),
    detail: z.string(),
    hint: z.string(),
  })
  .meta({ id: "DatasetProblem" });
export type DatasetProblem = z.output<typeof datasetProblem>;

export const columnStatistics = z.object({
  missing: z.number().int().describe("rows without a value"),
  distinct: z
    .number()
    .int()
    .describe("different values, missing not counted; beyond 10,000 an estimate, unless every row has another value"),
  min: z.number().optional(),
  max: z.number().optional(),
  mean: z.number().optional(),
  std: z.number().optional().describe("population standard deviation"),
  quartiles: z
    .array(z.number())
    .optional()
    .describe("a quarter, half and three quarters of the values are smaller; from at most 100,000 rows"),
  most_frequent: z
    .array(z.object({ value: cell, count: z.number().int(), share: z.number().describe("of the rows with a value") }))
    .optional()
    .describe("up to 20, most frequent first"),
});
export type ColumnStatistics = z.output<typeof columnStatistics>;

export const columnSchema = z
  .object({
    name: z.string(),
    type: columnType,
    shape: z
      .array(z.number().int())
      .optional()
      .describe("[height, width, channels] of images; [length, channels] of sequences, length 0 when it varies"),
    sample_rate: z.number().int().optional().describe("of sounds, in Hz"),
    id_like: z.boolean().describe("every row has another value: not used as a feature unless asked for"),
    statistics: columnStatistics,
    examples: z.array(cell).describe("the first few values; of images and sounds, where to look at them"),
  })
  .meta({ id: "Column" });
export type ColumnSchema = z.output<typeof columnSchema>;

/** How the files were understood. What a format does not have is left out. */
export const datasetReading = z
  .object({
    files: z.array(z.string()).describe("as the client called them"),
    encoding: z.enum(textEncodings).optional(),
    delimiter: z.string().optional(),
    header: z.boolean().optional().describe("whether the first line names the columns"),
    quoted: z
      .boolean()
      .optional()
      .describe('whether "…" holds a field together; otherwise a quote is a plain character'),
    decimal: decimalMark.optional().describe("the decimal mark"),
    missing: z.array(z.string()).optional().describe("spellings of a missing value beside the usual ones"),
  })
  .meta({ id: "DatasetReading" });
export type DatasetReading = z.output<typeof datasetReading>;

export const dataset = z
  .object({
    id: z.string(),
    object: z.literal("dataset"),
    name: z.string(),
    format: datasetFormat,
    reading: datasetReading,
    created_at: timestamp,
    rows: z.number().int(),
    size_bytes: z.number().int().describe("of the typed table as stored"),
    suggested_target: z.string().nullable().describe("the column most likely meant as target"),
    schema: z.object({ columns: z.array(columnSchema) }),
    problems: z.array(datasetProblem).describe("at most 100; problem_count has the total"),
    problem_count: z.number().int(),
    links: z.object({ self: z.string(), rows: z.string(), download: z.string() }),
  })
  .meta({ id: "Dataset" });
export type Dataset = z.output<typeof dataset>;

export const datasetList = listOf(dataset).meta({ id: "DatasetList" });

const imageSide = z.number().int().min(1).max(1024);

export const datasetOptions = strictObject({
  delimiter: z.string().length(1).optional().describe("default: sniffed"),
  header: z.boolean().optional().describe("default: sniffed"),
  quoted: z.boolean().optional().describe('whether "…" holds a field together; default: in CSV, not in TSV'),
  decimal: decimalMark.optional().describe("the decimal mark of numbers; default: sniffed"),
  columns: z.record(z.string().max(256), columnType).optional().describe("types that override what was inferred"),
  missing: z.array(z.string().max(32)).max(50).optional().describe("more spellings of a missing value"),
  image: strictObject({
    size: z
      .tuple([imageSide, imageSide])
      .optional()
      .describe("[height, width]; default: the most common one, at most 256"),
    channels: z.literal([1, 3]).optional().describe("1 grey, 3 colours; default: 1 when all pictures are grey"),
  })
    .optional()
    .describe("how pictures are stored"),
  pattern: z
    .string()
    .max(512)
    .optional()
    .describe(
      "what the names of pictures and sounds, or the lines of a text, say: {label}_{speaker}_{index}, or a RE2 expression with named groups",
    ),
  split: strictObject({
    column: z.string().max(256),
    validation: z.array(z.string().max(256)).max(1000).optional(),
    test: z.array(z.string().max(256)).min(1).max(1000),
  })
    .optional()
    .describe(
      'adds a column "split": rows with these values in `column` are for validation or test, all others for training',
    ),
}).meta({ id: "DatasetOptions" });
export type DatasetOptions = z.output<typeof datasetOptions>;

/** Query of `POST /v1/datasets` with a raw body. Multipart has the same as fields. */
export const datasetUploadQuery = strictObject({
  name: resourceName.optional(),
  format: datasetFormat.optional().describe("default: by content type, file name and first bytes"),
});

/** JSON form of `POST /v1/datasets`. */
export const datasetRowsBody = strictObject({
  name: resourceName.optional(),
  rows: z
    .array(z.record(z.string().max(256), z.unknown()), {
      error: '"rows" is missing or no array.\nSend {"name": …, "rows": [{"column": value}, …]}.',
    })
    .min(1, '"rows" is empty.\nSend at least one row.')
    .describe("one object per row"),
  options: datasetOptions.optional(),
}).meta({ id: "DatasetRows" });

/** Path of `GET /v1/datasets/{id}/rows/{row}/{column}`. */
export const cellParams = z.object({
  id: z.string().max(64),
  row: z.coerce.number().int().min(1).describe("counted from 1, as in problems"),
  column: z.string(),
});

export const rowsQuery = strictObject({
  offset: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(100).default(20),
});

export const rowList = z
  .object({
    object: z.literal("list"),
    data: z.array(z.record(z.string(), cell)),
    has_more: z.boolean(),
    total: z.number().int(),
  })
  .meta({ id: "RowList" });

export const datasetListQuery = pageQuery.extend({
  builtin: z.stringbool().default(false).describe("true: the built-in datasets instead, all at once"),
});

/** A built-in dataset as the list shows it; its address gives it as a dataset, with schema and statistics. */
export const builtinDatasetDescription = z
  .object({
    object: z.literal("builtin_dataset"),
    name: z.string(),
    title: z.string(),
    rows: z.number().int(),
    suggested_target: z.string().describe("what a job predicts that names no target"),
    task: z.enum(["classification", "regression"]),
    licence: z.string(),
    source: z.string(),
    links: z.object({ self: z.string(), rows: z.string() }),
  })
  .meta({ id: "BuiltinDataset" });
export type BuiltinDatasetDescription = z.output<typeof builtinDatasetDescription>;

export const builtinDatasetList = listOf(builtinDatasetDescription).meta({ id: "BuiltinDatasetList" });
