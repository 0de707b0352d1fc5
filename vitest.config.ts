import { defineConfig } from "vitest/config";

/**
 * `pure` needs nothing but Node. `real` runs programs of `tests/parts.ts`; `world` runs inside the namespaces that `script/in-world` makes.
 * The last two run one file at a time: neighbour-table limits are host-wide, and there are ports.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "pure",
          include: ["tests/**/*.test.ts"],
          exclude: ["tests/**/*.{real,world}.test.ts"],
          testTimeout: 30_000,
          maxWorkers: 2,
        },
      },
      { test: { name: "real", include: ["tests/**/*.real.test.ts"], fileParallelism: false, testTimeout: 60_000, hookTimeout: 60_000 } },
      {
        test: { name: "world", include: ["tests/**/*.world.test.ts"], fileParallelism: false, testTimeout: 120_000, hookTimeout: 120_000 },
      },
    ],
  },
});
