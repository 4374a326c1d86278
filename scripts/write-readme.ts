// Writes the table of settings into README.md from src/config.ts, so that a default is stated once.
import { readFileSync, writeFileSync } from "node:fs";
import { settings } from "../src/config.ts";

const readmePath = new URL("../README.md", import.meta.url);

/** README.md with its settings table made anew. */
export function readmeWithSettings(readme: string): string {
  const rows = settings.map((setting) => `| \`${setting.variable}\` | \`${setting.default}\` | ${setting.meaning} |`);
  const table = ["| variable | default | meaning |", "|---|---|---|", ...rows].join("\n");
  return readme.replace(/(<!-- settings: npm run readme -->\n)[\s\S]*?(<!-- \/settings -->)/, `$1\n${table}\n\n$2`);
}

if (import.meta.main) writeFileSync(readmePath, readmeWithSettings(readFileSync(readmePath, "utf8")));
