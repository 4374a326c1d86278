// Slow proofs, one npm script each: *.browser.ts, *.torture.ts, *.accuracy.ts. `npm test` has a small version of each.
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.{browser,torture,accuracy}.ts"],
    // What processes keep for the machine's next ones must not go to the user's own cache.
    env: { XDG_CACHE_HOME: join(tmpdir(), "deltarule-test-cache") },
    testTimeout: 20 * 60_000,
    hookTimeout: 60_000,
    maxWorkers: 1,
    passWithNoTests: true,
  },
});
