// The TypeScript half: compiles ts/ to CommonJS in dist/ and writes the ES module beside it.

import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

import { mustRun, packageBin, root } from './project.mjs';

const dist = path.join(root, 'dist');

export function buildTypeScript() {
  mustRun(process.execPath, [packageBin('typescript', 'tsc'), '--project', 'tsconfig.json']);
  writeModule();
  const cli = path.join(dist, 'cli', 'main.js');
  if (existsSync(cli)) chmodSync(cli, 0o755);
}

// `import` gets the same objects as `require`: a second compilation to ES modules would load a
// second copy of every class. The names are read from the compiled module, so none can be missed.
function writeModule() {
  const entry = path.join(dist, 'index.js');
  const names = Object.keys(createRequire(import.meta.url)(entry)).sort();
  const exports = names.map((name) => `export const ${name} = soapstone.${name};\n`).join('');
  writeFileSync(path.join(dist, 'index.mjs'), `import soapstone from './index.js';\n\n${exports}`);
  writeFileSync(path.join(dist, 'index.d.mts'), `export * from './index.js';\n`);
}
