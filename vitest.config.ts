import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // What processes keep for the machine's next ones must not go to the user's own cache.
    env: { XDG_CACHE_HOME: join(tmpdir(), "deltarule-test-cache") },
    // For what hangs; a busy machine may well take ten times as long as a quiet one.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Many tests start real server, trainer and ingest processes: two files at a time keep two cores busy, not thrashing.
    maxWorkers: 2,
    reporters: ["default"],
  },
});
