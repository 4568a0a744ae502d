// The tests of the packed tarball, which npm run pack:check makes and names in SOAPSTONE_TARBALL.
import base from '../../jest.config.mjs';

export default {
  ...base,
  rootDir: '../..',
  roots: ['<rootDir>/test/package'],
  testPathIgnorePatterns: ['/node_modules/'],
};
