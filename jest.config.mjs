// The transform only strips types, so a test run costs no type check: npm run typecheck does that.
const transform = { '^.+\\.ts$': ['ts-jest', { diagnostics: false, tsconfig: 'tsconfig.json' }] };

export default {
  roots: ['<rootDir>/ts', '<rootDir>/test'],
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/package/'],
  testEnvironment: 'node',
  transform,
};
