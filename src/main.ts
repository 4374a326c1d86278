// The commands. Starting and stopping stand here in order; each command is a function of its own.
import { parseArgs } from "node:util";
import { readConfig } from "./config.ts";
import { version } from "./version.ts";

const commands: Record<string, { usage: string; run: (args: string[]) => Promise<void> }> = {
  serve: {
    usage: "serve                       start the server and its trainers",
    run: async () => (await import("./serve.ts")).serve(readConfig(process.env)),
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
      await (await import("./trainer/process.ts")).runTrainer(readConfig(environment), positionals[0]);
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
    const { message, hint, stack } = error as Error & { hint?: string };
    const expected = error instanceof Error && (hint !== undefined || message.startsWith("Configuration:"));
    console.error(expected ? `deltarule: ${message}${hint === undefined ? "" : `\n${hint}`}` : stack);
    process.exitCode = 1;
  }
}
