// The long torture of the server, apart from the tests that run with every change.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { include: ["test/torture/*.torture.ts"], testTimeout: 4 * 60 * 60_000, reporters: ["default"] },
});
