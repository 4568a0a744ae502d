// swc only strips types, so a test run costs no type check (npm run typecheck does that).
// ignoreDynamic keeps import() as it is: vega is an ES module and is reached that way.
const transform = {
  '^.+\\.ts$': [
    '@swc/jest',
    {
      jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
      module: { type: 'commonjs', ignoreDynamic: true },
    },
  ],
};

export default {
  roots: ['<rootDir>/ts', '<rootDir>/test'],
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/package/'],
  testEnvironment: 'node',
  transform,
};
