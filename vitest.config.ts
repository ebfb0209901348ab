import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    setupFiles: ["packages/testing/src/seed-properties.ts"],
    include: ["{packages,services,scripts}/**/*.test.ts"],
    // Two cores: more workers than that only make every real server and engine slower.
    maxWorkers: 2,
    // Not what they take, but what shows that one hangs, on a machine that does other work too.
    testTimeout: 240_000,
    hookTimeout: 240_000,
  },
});
