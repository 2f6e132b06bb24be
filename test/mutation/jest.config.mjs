/** Jest for the mutation tests: compiled to CommonJS, which loads faster and leaks nothing from run to run. */
export default {
  rootDir: '../..',
  testEnvironment: './test/mutation/stop-at-failure.cjs',
  testMatch: ['<rootDir>/test/mutation/*.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.stryker-tmp/'],
  // These two come as ESM only.
  transformIgnorePatterns: ['/node_modules/(?!(nanoid|croner)/)'],
  transform: {
    '^.+\\.(ts|js)$': [
      '@swc/jest',
      {
        jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
        module: { type: 'commonjs', resolveFully: false },
      },
    ],
  },
};
