// Slow proofs, one npm script each: *.browser.ts, *.torture.ts, *.accuracy.ts. `npm test` has a small version of each.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.{browser,torture,accuracy}.ts"],
    testTimeout: 20 * 60_000,
    hookTimeout: 60_000,
    maxWorkers: 1,
    passWithNoTests: true,
  },
});
