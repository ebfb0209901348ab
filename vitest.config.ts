import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{packages,services,scripts}/**/*.test.ts"],
    // Two cores: more workers than that only make every real server and engine slower.
    maxWorkers: 2,
    testTimeout: 90_000,
    hookTimeout: 90_000,
  },
});
