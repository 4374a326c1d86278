// The commands. Starting and stopping stand here in order; each command is a function of its own.
import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { readConfig } from "./config.ts";
import { DomainError } from "./errors.ts";
import { version } from "./version.ts";

const commands: Record<string, { usage: string; run: (args: string[]) => Promise<void> }> = {
  serve: {
    usage: "serve                       start the server and its trainers",
    run: async (args) => {
      parseArgs({ args, options: {} });
      await (await import("./serve.ts")).serve(readConfig(process.env));
    },
  },
  trainer: {
    usage: "trainer [--database PATH]   run a trainer on a server's database",
    run: async (args) => {
      const { values, positionals } = parseArgs({
        args,
        options: { database: { type: "string" } },
        allowPositionals: true,
      });
      const environment =
        values.database === undefined ? process.env : { ...process.env, DELTARULE_DATABASE: values.database };
      const config = readConfig(environment);
      if (!existsSync(config.database)) {
        throw new DomainError("cannot_start", `There is no database at ${config.database}.`, {
          hint: "A trainer works on the database of a server: start the server first.",
        });
      }
      await (await import("./trainer/process.ts")).runTrainer(config, positionals[0]);
    },
  },
  migrate: {
    usage: "migrate                     bring the database to this version's schema",
    run: async () => {
      const { openDatabase } = await import("./store/database.ts");
      const { migrate } = await import("./store/migrate.ts");
      const store = openDatabase(readConfig(process.env).database);
      const applied = await migrate(store);
      await store.destroy();
      console.log(applied.length === 0 ? "The database is up to date." : `Applied: ${applied.join(", ")}`);
    },
  },
  demo: {
    usage: "demo                        train on real data before your eyes, on a temporary database",
    run: async () => (await import("./demo.ts")).demo(),
  },
  version: {
    usage: "version                     print the version",
    run: async () => console.log(version),
  },
};

const [name = "", ...args] = process.argv.slice(2);
const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
if (command === undefined) {
  const usage = Object.values(commands).map((known) => `  deltarule ${known.usage}`);
  console.error(
    [name === "" ? "deltarule: training as a service" : `deltarule: there is no command "${name}"`, ...usage].join(
      "\n",
    ),
  );
  process.exitCode = name === "" ? 0 : 1;
} else {
  try {
    await command.run(args);
  } catch (error) {
    console.error(explain(error));
    process.exitCode = 1;
  }
}

/** For what a person can mend, the sentence and the hint; for a defect, the stack. */
function explain(error: unknown): string {
  if (error instanceof DomainError) return [`deltarule: ${error.message}`, error.hint ?? ""].join("\n").trimEnd();
  const { code, message, stack } = error as Error & { code?: string };
  if (code?.startsWith("ERR_PARSE_ARGS") === true)
    return `deltarule: ${message}\nSettings come from the environment; README.md lists them.`;
  return stack ?? String(error);
}
