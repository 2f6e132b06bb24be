/** Stryker's part of the mutation tests (scripts/mutation.mjs, which names the part to mutate). */
const PARTS = {
  order: ['src/machines/order/*.ts'],
  charts: ['src/machines/*.ts', '!src/machines/chart.ts'],
  quick: ['src/machines/chart.ts'],
  gate: ['src/actors/orders.ts', 'src/actors/holds.ts', 'src/actors/gateway.ts'],
};
const part = process.env.MUTATION_PART ?? 'order';

export default {
  mutate: PARTS[part],
  testRunner: 'jest',
  jest: {
    configFile: 'test/mutation/jest.config.mjs',
    enableFindRelatedTests: false,
    config: { testMatch: [`<rootDir>/test/mutation/${part}.ts`] },
  },
  coverageAnalysis: 'perTest',
  // TypeScript 7 has no programming interface: a name that no file has keeps Stryker from rewriting tsconfig.
  tsconfigFile: 'none',
  maxTestRunnerReuse: 100,
  reporters: ['progress-append-only', 'json'],
  jsonReporter: { fileName: `coverage/mutation-${part}.json` },
  tempDirName: '.stryker-tmp',
  timeoutMS: 8_000,
  concurrency: Number(process.env.MUTATION_WORKERS ?? 2),
};
