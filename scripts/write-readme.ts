// Writes the tables of settings and hyperparameters into README.md from src/config.ts and the contract, so that a default is
// stated once.
import { readFileSync, writeFileSync } from "node:fs";
import { z } from "zod";
import { settings } from "../src/config.ts";
import { hyperparameters } from "../src/contract/hyperparameters.ts";

const readmePath = new URL("../README.md", import.meta.url);

/** README.md with its tables made anew. */
export function readmeWithTables(readme: string): string {
  const variables = settings.map((setting) => [`\`${setting.variable}\``, `\`${setting.default}\``, setting.meaning]);
  const withSettings = replaceTable(readme, "settings", ["variable", "default", "meaning"], variables);
  return replaceTable(
    withSettings,
    "hyperparameters",
    ["in `hyperparameters`", "default", "meaning"],
    hyperparameterRows(),
  );
}

function hyperparameterRows(): string[][] {
  // The schema has a name, so it stands among the definitions.
  const { $defs = {} } = z.toJSONSchema(hyperparameters, { io: "input" });
  return Object.entries($defs["Hyperparameters"].properties!).map(([name, schema]) => {
    if (typeof schema === "boolean") throw new Error(`${name} has no schema`);
    const value = schema.default === undefined ? "" : `\`${JSON.stringify(schema.default)}\``;
    return [`\`${name}\``, value, escaped(schema.description ?? "")];
  });
}

/** A bar would end the cell. */
function escaped(text: string): string {
  return text.replaceAll("|", "\\|");
}

function replaceTable(readme: string, name: string, header: readonly string[], rows: readonly string[][]): string {
  const table = [header, header.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
  const ruled = table.map((line, index) => (index === 1 ? `|${header.map(() => "---").join("|")}|` : line)).join("\n");
  const between = new RegExp(String.raw`(<!-- ${name}: npm run readme -->\n)[\s\S]*?(<!-- \/${name} -->)`);
  return readme.replace(between, (_all, start: string, end: string) => `${start}\n${ruled}\n\n${end}`);
}

if (import.meta.main) writeFileSync(readmePath, readmeWithTables(readFileSync(readmePath, "utf8")));
