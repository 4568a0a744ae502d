// npm run prebuilds: builds the addon for every CPU level of this platform into
// prebuilds/<platform>-<arch>/, with the OpenMP runtime beside it. Releases are made of these.

import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

import { buildNative } from './native.mjs';
import { Failure, main, mustRun, root } from './project.mjs';

const levels = { x64: ['x86-64-v2', 'x86-64-v3', 'x86-64-v4'], arm64: ['armv8-a'] };

const notice = `libgomp.so.1 is the OpenMP runtime library of GCC, unchanged. It is licensed under the GNU
General Public License, version 3 or later, with the GCC Runtime Library Exception, version 3.1,
which allows it to be used by, and shipped with, programs under any licence. Its source is part of
GCC, https://gcc.gnu.org; the licence texts: https://www.gnu.org/licenses/gpl-3.0.html and
https://www.gnu.org/licenses/gcc-exception-3.1.html.
The soapstone addons contain parts of the C++ library of GCC (libstdc++) under the same terms, and
of Eigen, https://eigen.tuxfamily.org, under the Mozilla Public License 2.0
(https://www.mozilla.org/MPL/2.0/), whose source is unchanged.
`;

export async function buildPrebuilds() {
  const folder = path.join(root, 'prebuilds', `${process.platform}-${process.arch}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });

  // The build for this machine is that of one of the levels; no need to compile it twice.
  const own = await buildNative({ quiet: true });
  const { cpuLevel } = createRequire(import.meta.url)(own).systemInfo();
  for (const level of levels[process.arch] ?? []) {
    const addon = path.join(folder, `soapstone-${level}.node`);
    copyFileSync(level === cpuLevel ? own : await buildNative({ level, quiet: true }), addon);
    if (process.platform === 'linux') mustRun('strip', ['--strip-unneeded', addon]);
  }
  if (process.platform === 'linux') {
    copyFileSync(findLibgomp(), path.join(folder, 'libgomp.so.1'));
    writeFileSync(path.join(folder, 'NOTICE.txt'), notice);
  }
}

// The compiler knows which libgomp belongs to the header it compiled with.
function findLibgomp() {
  const library = mustRun(process.env.CXX ?? 'c++', ['-print-file-name=libgomp.so.1'], {
    quiet: true,
  }).trim();
  if (!path.isAbsolute(library)) throw new Failure('libgomp.so.1 of the compiler was not found.');
  return library;
}

if (process.argv[1] === import.meta.filename) await main(buildPrebuilds);
