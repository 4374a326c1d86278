// The command line, run as a user runs it: a process of its own.
import { execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const entry = new URL("../bin/deltarule.js", import.meta.url).pathname;

interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

const { PATH, XDG_CACHE_HOME } = process.env;

function run(
  args: string[],
  { node = process.execPath, env = {} }: { node?: string; env?: Record<string, string> } = {},
): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(node, [entry, ...args], { env: { PATH, XDG_CACHE_HOME, ...env } }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

/** A Node on this machine that is too old to run the sources. */
function findOldNode(): string | undefined {
  const candidates = (process.env["PATH"] ?? "").split(delimiter).map((folder) => join(folder, "node"));
  return candidates.find((path) => {
    if (!existsSync(path)) return false;
    const [major] = execFileSync(path, ["-p", "process.versions.node"]).toString().split(".").map(Number);
    return major !== undefined && major < 22;
  });
}

describe("deltarule", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "deltarule-command-"));
  });
  afterAll(async () => await rm(folder, { recursive: true, force: true }));

  test("prints its version", async () => {
    const { code, stdout } = await run(["version"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test("names its commands when asked for none or for an unknown one", async () => {
    expect(await run([])).toMatchObject({ code: 0, stderr: expect.stringContaining("serve") as string });
    const unknown = await run(["sevre"]);
    expect(unknown).toMatchObject({ code: 1, stderr: expect.stringContaining('no command "sevre"') as string });
  });

  test("refuses settings it cannot take, all at once, before it opens anything", async () => {
    const database = join(folder, "unused.db");
    const env = {
      DELTARULE_PORT: "eighty",
      DELTARULE_TRAINERS: "-1",
      DELTARULE_PROT: "1",
      DELTARULE_DATABASE: database,
    };
    const { code, stderr } = await run(["serve"], { env });
    expect(code).toBe(1);
    for (const variable of ["DELTARULE_PORT", "DELTARULE_TRAINERS", "DELTARULE_PROT"])
      expect(stderr).toContain(variable);
    expect(existsSync(database)).toBe(false);
  });

  test.each([
    { what: "a port that is taken", args: ["serve"], env: { DELTARULE_PORT: "taken" }, says: "is taken" },
    { what: "an option that is none", args: ["serve", "--port", "1"], env: {}, says: "--port" },
    {
      what: "a trainer without a database",
      args: ["trainer", "--database", "nowhere.db"],
      env: {},
      says: "no database",
    },
    {
      what: "a folder that is not there",
      args: ["serve"],
      env: { DELTARULE_DATABASE: "/nowhere/x.db" },
      says: "folder",
    },
    {
      what: "a file that is no database",
      args: ["migrate"],
      env: { DELTARULE_DATABASE: entry },
      says: "is no database",
    },
    {
      what: "a database that is no file",
      args: ["serve"],
      env: { DELTARULE_DATABASE: "postgres://x/y" },
      says: "SQLite",
    },
  ])("explains $what in a sentence, without a stack", async ({ args, env, says }) => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    const given = { DELTARULE_DATABASE: join(folder, "explained.db"), DELTARULE_TRAINERS: "0", ...env };
    const ports = "DELTARULE_PORT" in env ? { DELTARULE_PORT: String(port) } : {};
    const { code, stderr } = await run(args, { env: { ...given, ...ports } });
    other.close();
    expect(code).toBe(1);
    expect(stderr).toContain(says);
    expect(stderr).not.toContain("    at ");
  });

  test("migrates a new database, and finds nothing to do the second time", async () => {
    const env = { DELTARULE_DATABASE: join(folder, "migrated.db") };
    expect((await run(["migrate"], { env })).stdout).toContain("Applied: 0001-initial");
    expect((await run(["migrate"], { env })).stdout).toContain("up to date");
  });

  test("the demo trains on iris, shows the curve, predicts, and ends well", async () => {
    const { code, stdout, stderr } = await run(["demo"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    for (const shown of [
      "150 rows",
      "species",
      "training loss",
      "epochs",
      "on test rows",
      "curl -d",
      '"label":"versicolor"',
      "/docs",
    ]) {
      expect(stdout).toContain(shown);
    }
  });

  const oldNode = findOldNode();
  test.skipIf(oldNode === undefined)(
    `starts itself again with the packaged Node when the host's is too old${oldNode === undefined ? " (skipped: no Node older than 22 on PATH)" : ""}`,
    async () => {
      const { code, stdout } = await run(["version"], { node: oldNode! });
      expect(code).toBe(0);
      expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    },
  );

  test.skipIf(oldNode === undefined)("passes SIGTERM on to the Node it started, and ends as that ends", async () => {
    const env = {
      PATH,
      XDG_CACHE_HOME,
      DELTARULE_PORT: "0",
      DELTARULE_TRAINERS: "0",
      DELTARULE_DATABASE: join(folder, "old-node.db"),
    };
    const child = spawn(oldNode!, [entry, "serve"], { env, stdio: ["ignore", "pipe", "inherit"] });
    const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
    for await (const line of createInterface({ input: child.stdout }))
      if (line.includes("listens on")) child.kill("SIGTERM");
    expect(await ended).toBe(0);
  });

  test("npm start passes SIGTERM on to the server", async () => {
    const env = {
      PATH: process.env["PATH"],
      HOME: folder,
      DELTARULE_PORT: "0",
      DELTARULE_DATABASE: join(folder, "npm.db"),
    };
    const child = spawn("npm", ["start"], { cwd: dirname(dirname(entry)), env, stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    for await (const line of createInterface({ input: child.stdout })) {
      said += line;
      if (line.includes("listens on")) child.kill("SIGTERM");
    }
    // The end of its output is the end of the server: nobody else holds the pipe.
    expect(said).toContain('"msg":"server stopped"');
  });
});
