// The native half: configures and builds one CPU level with cmake-js, in a folder of its own, so
// that levels stay up to date side by side and only what changed is compiled again.

import { existsSync } from 'node:fs';
import path from 'node:path';

import { ensureEigen } from './eigen.mjs';
import { Failure, mustRunPackage, packageBin, root, run } from './project.mjs';

/** Folder in which a CPU level is built; its tests run there too. */
export function buildFolder(level = 'native') {
  return path.join(root, 'build', 'cmake', level);
}

/** Builds a CMake target for a CPU level and returns the path of the addon of that level. */
export async function buildNative({ level = 'native', target = 'soapstone', quiet = false } = {}) {
  if (run('cmake', ['--version'], { quiet: true }).missing) {
    throw new Failure(
      'CMake is missing: install it (apt install cmake, dnf install cmake, brew install cmake).',
    );
  }
  await ensureEigen(findCompiler());

  const folder = buildFolder(level);
  configure(folder, {
    SOAPSTONE_CPU_LEVEL: level,
    SOAPSTONE_TESTS: target === 'soapstone_tests' ? 'ON' : 'OFF',
    SOAPSTONE_BENCH: target === 'soapstone_bench' ? 'ON' : 'OFF',
  });
  const addon = path.join(folder, 'Release', 'soapstone.node');
  if (quiet && !existsSync(addon)) {
    const machine = level === 'native' ? 'this machine' : level;
    console.error(`Building the native engine for ${machine}: a minute or two the first time.`);
  }
  mustRunPackage(
    'cmake-js',
    ['build', '--out', folder, '--target', target, '--log-level', 'error'],
    { quiet },
  );
  return addon;
}

function findCompiler() {
  const candidates = process.env.CXX ? [process.env.CXX] : ['c++', 'g++', 'clang++'];
  const compiler = candidates.find((name) => run(name, ['--version'], { quiet: true }).ok);
  if (!compiler) {
    throw new Failure(
      'A C++17 compiler is missing: install one (apt install g++, dnf install gcc-c++, xcode-select --install) or set CXX.',
    );
  }
  return compiler;
}

function configure(folder, definitions) {
  const options = Object.entries(definitions).map(([name, value]) => `--CD${name}=${value}`);
  const { ok, stdout, stderr } = run(
    process.execPath,
    [packageBin('cmake-js'), 'configure', '--out', folder, '--log-level', 'error', ...options],
    { quiet: true },
  );
  if (!ok) throw new Failure(messageOf(`${stdout}${stderr}`));
}

// CMakeLists.txt says what is missing in one message, which CMake wraps and surrounds with a trace.
function messageOf(output) {
  const message = /CMake Error at [^\n]*\(message\):\n((?: {2}.*\n)+)/.exec(output)?.[1];
  return message ? message.trim().replace(/\s+/g, ' ') : output;
}
