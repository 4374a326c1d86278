import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Many tests start real server, trainer and ingest processes: two files at a time keep two cores busy, not thrashing.
    maxWorkers: 2,
    reporters: ["default"],
  },
});
