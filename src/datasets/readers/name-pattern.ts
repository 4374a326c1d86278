// Patterns of names: "{label}_{speaker}_{index}", or a regular expression with named groups. Matched by RE2, in linear time.
import type { DuckDBConnection } from "@duckdb/node-api";
import type { DatasetOptions } from "../../contract/dataset.ts";
import type { Fault } from "../../errors.ts";
import { sqlText } from "../cell.ts";
import { selectRows } from "../duckdb.ts";

export interface NamePattern {
  /** of the groups, in their order */
  names: string[];
  /** RE2; every group is a named one */
  expression: string;
}

const placeholder = /\{([A-Za-z_]\w*)\}/g;
const namedGroup = /\(\?P?<([A-Za-z_]\w*)>/g;

/** A template matches the whole name; a placeholder takes as little as it can. */
export function compilePattern(pattern: string): NamePattern {
  const groups = [...pattern.matchAll(namedGroup)].map(([, name]) => name);
  if (groups.length > 0) return { names: groups, expression: pattern.replaceAll(namedGroup, "(?P<$1>") };
  const names = [...pattern.matchAll(placeholder)].map(([, name]) => name);
  const literal = (text: string) => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
  // split on a pattern with one group gives literal, name, literal, name, … literal
  const expression = pattern
    .split(placeholder)
    .map((text, at) => (at % 2 === 0 ? literal(text) : `(?P<${text}>.+?)`))
    .join("");
  return { names, expression: `^${expression}$` };
}

/** Adds a fault when the pattern of the options cannot be used. */
export async function checkPattern(
  connection: DuckDBConnection,
  { pattern }: DatasetOptions,
  faults: Fault[],
): Promise<void> {
  const detail = pattern === undefined ? undefined : await patternFault(connection, pattern);
  if (detail === undefined) return;
  const hint = "Write {label}_{speaker}_{index}, or an expression such as (?<label>[a-z]+)-(?<index>[0-9]+).";
  faults.push({ pointer: "/options/pattern", code: "invalid_pattern", detail, hint });
}

/** What is wrong, in words; undefined when it can be used. */
async function patternFault(connection: DuckDBConnection, pattern: string): Promise<string | undefined> {
  const { names, expression } = compilePattern(pattern);
  if (names.length === 0) return "It has no named group.";
  if (new Set(names).size < names.length) return "Two groups have the same name.";
  // Groups without a name would shift those that have one.
  if (/(?<!\\)\((?!\?)/.test(expression)) return "It has a group without a name.";
  try {
    await selectRows(connection, `select regexp_matches('', ${sqlText(expression)})`);
    return undefined;
  } catch (error) {
    return (error as Error).message.split("\n", 1)[0];
  }
}

/** SQL of each group in the text `c`. */
export function groupsSql({ names, expression }: NamePattern, c: string): string[] {
  return names.map((_, index) => `regexp_extract(${c}, ${sqlText(expression)}, ${index + 1})`);
}

/** The groups of each name, null where the pattern does not match. */
export async function matchNames(
  connection: DuckDBConnection,
  pattern: NamePattern,
  texts: readonly string[],
): Promise<(string[] | null)[]> {
  await connection.run("create or replace temp table names_to_match (name varchar)");
  const appender = await connection.createAppender("names_to_match");
  for (const text of texts) {
    appender.appendVarchar(text);
    appender.endRow();
  }
  appender.closeSync();
  const matches = `regexp_matches(name, ${sqlText(pattern.expression)})`;
  const columns = [matches, ...groupsSql(pattern, "name")];
  const rows = await selectRows(connection, `select ${columns.join(", ")} from names_to_match`);
  return rows.map(([matched, ...found]) => (matched === true ? (found as string[]) : null));
}
