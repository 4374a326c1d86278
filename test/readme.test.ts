// What the README shows is true: its commands run as they are, its table is that of the code.
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readmeWithTables } from "../scripts/write-readme.ts";
import { type RunningServer, startTemporaryServer } from "./server.ts";

const root = new URL("..", import.meta.url);
const readme = readFileSync(new URL("README.md", root), "utf8");

/** Shell blocks with curl in them, each with the text block that shows its output. */
const examples = [...readme.matchAll(/```sh\n((?:(?!```)[\s\S])*)```\n+```text\n((?:(?!```)[\s\S])*)```/g)].map(
  ([, commands, output]) => ({
    commands,
    output: output.trim().split("\n"),
  }),
);

describe("README.md", () => {
  let server: RunningServer;
  beforeAll(async () => (server = await startTemporaryServer()));
  afterAll(async () => await server.stop());

  test("shows at least two examples, of curl alone", () => {
    expect(examples.length).toBeGreaterThanOrEqual(2);
    for (const { commands } of examples) expect(commands).not.toContain("npm");
  });

  test.each(examples)("prints what it shows: example %#", async ({ commands, output }) => {
    const script = commands.replaceAll("http://127.0.0.1:8080", server.url);
    const { stdout } = await promisify(execFile)("bash", ["-euo", "pipefail", "-c", script], { cwd: root });
    for (const line of output) expect(stdout).toMatch(asPattern(line));
  });

  test("has the tables of settings and hyperparameters that the code has (else: npm run readme)", () => {
    expect(readmeWithTables(readme)).toBe(readme);
  });
});

/** A line of shown output: "…" stands for anything. */
function asPattern(line: string): RegExp {
  return new RegExp(
    line
      .split("…")
      .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
      .join("[\\s\\S]*"),
  );
}
