// Environment → one typed Config. Every default is stated once, here; the README's table is made from `settings`.
import { DomainError } from "./errors.ts";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";

export interface Config {
  host: string;
  port: number;
  database: string;
  trainers: number;
  trainingThreads: number;
  kernels: string;
  logLevel: string;
  bodyLimitBytes: number;
  uploadLimitBytes: number;
}

interface Setting {
  variable: string;
  key: keyof Config;
  default: string;
  meaning: string;
  parse: (text: string) => string | number;
}

const kernelChoices = ["auto", "fma", "simd128", "reference"];
const logLevels = ["fatal", "error", "warn", "info", "debug", "trace", "silent"];

/** Every environment variable, in the order of the README's table. */
export const settings: readonly Setting[] = [
  { variable: "DELTARULE_HOST", key: "host", default: "127.0.0.1", meaning: "address to listen on", parse: String },
  {
    variable: "DELTARULE_PORT",
    key: "port",
    default: "8080",
    meaning: "port to listen on; 0 takes a free one",
    parse: integer(0, 65_535),
  },
  {
    variable: "DELTARULE_DATABASE",
    key: "database",
    default: "deltarule.db",
    meaning: "path of the SQLite file; everything is in it",
    parse: databasePath,
  },
  {
    variable: "DELTARULE_TRAINERS",
    key: "trainers",
    default: "1",
    meaning: "trainer processes the server keeps; 0 serves only",
    parse: integer(0, 64),
  },
  {
    variable: "DELTARULE_TRAINING_THREADS",
    key: "trainingThreads",
    default: "auto",
    meaning: "jobs that one trainer runs at once; auto: one per processor",
    parse: (text) => (text === "auto" ? availableParallelism() : integer(1, 256)(text)),
  },
  {
    variable: "DELTARULE_KERNELS",
    key: "kernels",
    default: "auto",
    meaning: `compute kernels: ${kernelChoices.join(", ")}; auto: the fastest this machine has`,
    parse: oneOf(kernelChoices),
  },
  {
    variable: "DELTARULE_LOG_LEVEL",
    key: "logLevel",
    default: "info",
    meaning: logLevels.join(", "),
    parse: oneOf(logLevels),
  },
  {
    variable: "DELTARULE_BODY_LIMIT_BYTES",
    key: "bodyLimitBytes",
    default: String(1024 * 1024),
    meaning: "largest JSON body",
    parse: integer(1024, 2 ** 30),
  },
  {
    variable: "DELTARULE_UPLOAD_LIMIT_BYTES",
    key: "uploadLimitBytes",
    default: String(2 ** 31),
    meaning: "largest dataset upload",
    parse: integer(1024, 2 ** 40),
  },
];

/**
 * Reads the configuration.
 * @throws Error that names every variable with a value it cannot take
 */
export function readConfig(environment: Record<string, string | undefined>): Config {
  const problems: string[] = [];
  const config: Record<string, string | number> = {};
  for (const setting of settings) {
    const text = environment[setting.variable];
    try {
      config[setting.key] = setting.parse(text === undefined || text === "" ? setting.default : text);
    } catch (error) {
      problems.push(`${setting.variable}=${text}: ${(error as Error).message}`);
    }
  }
  const unknown = Object.keys(environment).filter(
    (name) => name.startsWith("DELTARULE_") && !settings.some((setting) => setting.variable === name),
  );
  for (const name of unknown)
    problems.push(`${name} is not a setting; known: ${settings.map((setting) => setting.variable).join(", ")}`);
  if (problems.length > 0)
    throw new DomainError("cannot_start", "The configuration is not right.", { hint: `  ${problems.join("\n  ")}` });
  return config as unknown as Config;
}

function integer(minimum: number, maximum: number) {
  return (text: string): number => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!Number.isInteger(value) || value < minimum || value > maximum) {
      throw new Error(`must be a whole number from ${minimum} to ${maximum}`);
    }
    return value;
  };
}

function oneOf(known: readonly string[]) {
  return (text: string): string => {
    if (!known.includes(text)) throw new Error(`must be one of ${known.join(", ")}`);
    return text;
  };
}

function databasePath(text: string): string {
  if (/^\w+:\/\//.test(text)) throw new Error("must be the path of a SQLite file; other databases are not supported");
  return resolve(text);
}
