#!/usr/bin/env node
// The command's entry, in plain JavaScript: before anything else is loaded it makes sure that Node is new enough, and
// otherwise starts itself again with the Node that came with the packages. An old Node would crash in native code.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import module, { createRequire } from "node:module";
import { constants, homedir } from "node:os";
import { dirname, join } from "node:path";

const oldest = [22, 18];

const [major, minor] = process.versions.node.split(".").map(Number);
if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) {
  keepCompiledSources();
  // A checkout runs its sources, a package its build.
  const sources = new URL("../src/main.ts", import.meta.url);
  await import(existsSync(sources) ? sources : new URL("../dist/src/main.js", import.meta.url));
} else {
  const packaged = findPackagedNode();
  if (packaged === undefined) {
    console.error(
      `deltarule needs Node ${oldest.join(".")} or later; this is ${process.versions.node}. Install Node 24 and try again.`,
    );
    process.exit(1);
  }
  const child = spawn(packaged, process.argv.slice(1), { stdio: "inherit" });
  // A terminal sends SIGINT to both; SIGTERM comes to this process alone and has to be passed on.
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  child.once("exit", (status, signal) => process.exit(signal === null ? status : 128 + constants.signals[signal]));
}

/** The JavaScript that Node made of the sources, and V8's code of it, wait for the next start: half of its time. */
function keepCompiledSources() {
  try {
    const folder = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "deltarule", "compiled");
    // Trainers and the processes that read uploads are started with this process's environment.
    process.env.NODE_COMPILE_CACHE ??= folder;
    module.enableCompileCache(process.env.NODE_COMPILE_CACHE);
  } catch {
    // No home folder: every start compiles.
  }
}

function findPackagedNode() {
  try {
    const require = createRequire(import.meta.url);
    const manifest = require.resolve(`node-${process.platform}-${process.arch}/package.json`);
    const path = join(dirname(manifest), "bin", "node");
    return existsSync(path) ? path : undefined;
  } catch {
    return undefined;
  }
}
