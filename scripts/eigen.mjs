// Brings Eigen's headers into vendor/eigen when neither EIGEN_DIR nor the system has them.

import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdtempSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';

import { Failure, mustRun, root, run } from './project.mjs';

// A wheel of headers only, the same file on every platform.
const wheel = {
  project: 'cmeel-eigen',
  version: '3.4.1',
  file: 'cmeel_eigen-3.4.1-0-py3-none-any.whl',
  sha256: '0ccd7b73fe8a72e2729784253c982e75d1790e0a8c71f302eb5a1fb1dd3a8a90',
};

const vendor = path.join(root, 'vendor');
const remedy =
  'install it (apt install libeigen3-dev, dnf install eigen3-devel, brew install eigen@3) ' +
  'or set EIGEN_DIR to the folder that holds Eigen/Core.';

/** Makes sure that CMake will find Eigen 3.4 or newer. */
export async function ensureEigen(compiler) {
  if (process.env.EIGEN_DIR || existsSync(path.join(vendor, 'eigen/Eigen/Core'))) return;
  if (systemHasEigen(compiler)) return;

  console.log(`Eigen is not in the system: fetching ${wheel.project} ${wheel.version}`);
  mkdirSync(vendor, { recursive: true });
  const work = mkdtempSync(path.join(vendor, 'fetch-'));
  try {
    const archive = downloadWithPip(work) ?? (await downloadFromIndex(work));
    verify(archive);
    mustRun('cmake', ['-E', 'tar', 'xf', archive], { cwd: work, quiet: true });
    renameSync(path.join(work, 'cmeel.prefix/include/eigen3'), path.join(vendor, 'eigen'));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function systemHasEigen(compiler) {
  const probe = path.join(root, 'cmake/eigen_probe.hpp');
  return run(compiler, ['-E', '-x', 'c++', probe], { quiet: true }).ok;
}

function downloadWithPip(folder) {
  const { project, version, file } = wheel;
  const args = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary=:all:'];
  const { ok } = run('python3', [...args, '--dest', folder, `${project}==${version}`], {
    quiet: true,
  });
  const archive = path.join(folder, file);
  return ok && existsSync(archive) ? archive : undefined;
}

// For machines without pip. PIP_INDEX_URL names a mirror, as it does for pip.
async function downloadFromIndex(folder) {
  const { project, file } = wheel;
  const index = (process.env.PIP_INDEX_URL ?? 'https://pypi.org/simple').replace(/\/$/, '');
  try {
    const page = await download(`${index}/${project}/`);
    const link = [...page.toString().matchAll(/href="([^"#]+)/g)].find(([, url]) =>
      url.endsWith(`/${file}`),
    );
    if (!link) throw new Error(`${index}/${project}/ does not list ${file}`);
    const archive = path.join(folder, file);
    writeFileSync(archive, await download(new URL(link[1], `${index}/${project}/`)));
    return archive;
  } catch (error) {
    const reason = error.cause?.message ?? error.message;
    throw new Failure(`Eigen is missing and could not be downloaded (${reason}): ${remedy}`);
  }
}

async function download(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: HTTP status ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}

function verify(archive) {
  const found = createHash('sha256').update(readFileSync(archive)).digest('hex');
  if (found !== wheel.sha256) {
    throw new Failure(
      `The download of ${wheel.file} is not the expected file (SHA-256 ${found}, expected ${wheel.sha256}): ${remedy}`,
    );
  }
}
