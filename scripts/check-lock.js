// Fails when the lock file misses an optional platform package: `npm ci` would refuse it on that platform.
import { readFileSync } from "node:fs";

const { packages } = JSON.parse(readFileSync(new URL("../package-lock.json", import.meta.url), "utf8"));
const missing = Object.entries(packages).flatMap(([parent, entry]) =>
  Object.keys(entry.optionalDependencies ?? {})
    .filter((name) => !Object.keys(packages).some((path) => path.endsWith(`node_modules/${name}`)))
    .map((name) => `${parent} needs ${name}`),
);
if (missing.length > 0) {
  console.error(`package-lock.json is incomplete; pin an older version of:\n  ${missing.join("\n  ")}`);
  process.exit(1);
}
