// The structure of the code, as a test: who may import whom, how large a file may be, what a file may be called.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { describe, expect, test } from "vitest";

const root = resolve(import.meta.dirname, "..");
const source = join(root, "src");

/**
 * Folder (or file at the top of src) → what it may import from src. `type:` allows types only.
 * A folder may always import itself.
 */
const mayImport: Record<string, readonly string[]> = {
  engine: [],
  "errors.ts": [],
  "version.ts": [],
  "config.ts": ["errors.ts"],
  "kernel-choice.ts": ["engine", "version.ts"],
  contract: [],
  architectures: ["engine", "contract", "type:errors.ts"],
  store: ["contract", "errors.ts"],
  datasets: ["contract", "errors.ts"],
  augmentation: ["engine", "type:contract"],
  evaluation: ["type:engine", "type:contract"],
  models: ["store", "engine", "architectures", "datasets", "evaluation", "errors.ts", "type:contract"],
  trainer: [
    "engine",
    "architectures",
    "augmentation",
    "datasets",
    "evaluation",
    "store",
    "models",
    "errors.ts",
    "config.ts",
    "kernel-choice.ts",
    "type:contract",
  ],
  jobs: ["store", "errors.ts", "architectures", "engine", "datasets", "contract", "type:config.ts", "type:trainer"],
  http: [
    "contract",
    "jobs",
    "models",
    "datasets",
    "store",
    "architectures",
    "errors.ts",
    "version.ts",
    "type:config.ts",
  ],
  "serve.ts": ["config.ts", "errors.ts", "kernel-choice.ts", "http", "jobs", "models", "store"],
  "demo.ts": ["config.ts", "serve.ts", "type:contract"],
  "main.ts": ["config.ts", "errors.ts", "version.ts", "serve.ts", "demo.ts", "trainer", "store"],
};

/** Packages that only one folder may know. */
const ownedPackages: Record<string, readonly string[]> = {
  fastify: ["http"],
  "fastify-type-provider-zod": ["http"],
  "@fastify/multipart": ["http"],
  "@fastify/sse": ["http"],
  "@fastify/swagger": ["http"],
  "@fastify/swagger-ui": ["http"],
  kysely: ["store"],
  "better-sqlite3": ["store"],
  "@duckdb/node-api": ["datasets"],
  "@huggingface/tokenizers": ["datasets"],
  "fft.js": ["datasets"],
  zod: ["contract", "architectures", "http", "datasets", "jobs"],
};

interface Import {
  file: string;
  target: string;
  typeOnly: boolean;
}

const files = listFiles(source);
const imports = files.flatMap(importsOf);

describe("the structure of src", () => {
  test("every folder imports only what the table allows", () => {
    const forbidden = imports.filter(({ file, target, typeOnly }) => {
      if (!target.startsWith(source)) return false;
      const from = placeOf(file);
      const to = placeOf(target);
      if (from === to) return false;
      const allowed = mayImport[from] ?? [];
      return !(allowed.includes(to) || (typeOnly && allowed.includes(`type:${to}`)));
    });
    expect(forbidden.map(show)).toEqual([]);
  });

  test("imports are found at all", () => expect(imports.length).toBeGreaterThan(500));

  test("the table has a row for everything in src, and nothing else", () => {
    expect(readdirSync(source).sort()).toEqual(Object.keys(mayImport).sort());
  });

  test("SQL, HTTP and DuckDB stay in their folders", () => {
    const strangers = imports.filter(({ file, target }) => {
      const name = target.startsWith("@") ? target.split("/").slice(0, 2).join("/") : target.split("/")[0];
      const owners = ownedPackages[name];
      return owners !== undefined && !owners.includes(placeOf(file));
    });
    expect(strangers.map(show)).toEqual([]);
  });

  test("the engine has no clock, no I/O and no randomness but its own", () => {
    const impure =
      /\b(Date\.now|new Date|performance\.now|Math\.random|setTimeout|setInterval|setImmediate|crypto\.|process\.|fetch\()/;
    const found = files.filter((file) => placeOf(file) === "engine" && impure.test(readFileSync(file, "utf8")));
    expect(found).toEqual([]);
    expect(
      imports.filter(({ file, target }) => placeOf(file) === "engine" && target.startsWith("node:")).map(show),
    ).toEqual([]);
  });

  test("no imports run in a circle", () => {
    const edges = new Map<string, string[]>();
    for (const { file, target, typeOnly } of imports) {
      if (!typeOnly && target.startsWith(source)) edges.set(file, [...(edges.get(file) ?? []), target]);
    }
    const done = new Set<string>();
    const visit = (file: string, path: string[]): string[] | undefined => {
      if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
      if (done.has(file)) return undefined;
      for (const next of edges.get(file) ?? []) {
        const circle = visit(next, [...path, file]);
        if (circle !== undefined) return circle;
      }
      done.add(file);
      return undefined;
    };
    for (const file of files) expect(visit(file, [])?.map((path) => relative(root, path))).toBeUndefined();
  });

  test("no file has more than 300 lines", () => {
    const all = [...files, ...listFiles(join(root, "test")), ...listFiles(join(root, "scripts"))];
    const large = all.filter((file) => readFileSync(file, "utf8").split("\n").length > 301);
    expect(large.map((file) => relative(root, file))).toEqual([]);
  });

  test("nothing is called utils, common, helpers, types or base", () => {
    const vague = /^(utils?|common|helpers?|types|base|misc|index)$/;
    const found = files.filter((file) =>
      relative(source, file)
        .split(sep)
        .some((part) => vague.test(part.replace(/\.ts$/, ""))),
    );
    expect(found).toEqual([]);
  });

  test("every file opens with a line that says what it is", () => {
    const silent = files.filter((file) => !/^(\/\/|\/\*\*?) ?\S/.test(readFileSync(file, "utf8")));
    expect(silent.map((file) => relative(root, file))).toEqual([]);
  });
});

function listFiles(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return listFiles(path);
    return /\.(ts|tsx|js)$/.test(name) ? [path] : [];
  });
}

/** The folder below src, or the file when it lies at its top. */
function placeOf(file: string): string {
  return relative(source, file).split(sep)[0];
}

function importsOf(file: string): Import[] {
  const text = readFileSync(file, "utf8");
  const found: Import[] = [];
  const pattern =
    /^(?:import|export)\s+(type\s+)?([^;"']*?)(?:from\s+)?["']([^"']+)["']|import\(\s*["']([^"']+)["']\s*\)/gm;
  for (const [, type, names, from, dynamic] of text.matchAll(pattern)) {
    const specifier = from ?? dynamic;
    const named = /\{([^}]*)\}/.exec(names ?? "")?.[1];
    const allTypes =
      named !== undefined && named.split(",").every((name) => name.trim() === "" || name.trim().startsWith("type "));
    const target = specifier.startsWith(".") ? resolve(dirname(file), specifier) : specifier;
    found.push({ file, target, typeOnly: type !== undefined || allTypes });
  }
  return found;
}

function show({ file, target, typeOnly }: Import): string {
  const to = target.startsWith(source) ? relative(root, target) : target;
  return `${relative(root, file)} imports ${typeOnly ? "types of " : ""}${to}`;
}
