import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** The instruction sets that releases are built for on x86-64, best first. */
const x86Levels = [
  {
    name: 'x86-64-v4',
    flags: ['avx512f', 'avx512bw', 'avx512cd', 'avx512dq', 'avx512vl'],
  },
  { name: 'x86-64-v3', flags: ['avx2', 'fma', 'bmi2', 'f16c', 'movbe'] },
  { name: 'x86-64-v2', flags: ['sse4_2', 'popcnt'] },
] as const;

/**
 * Names of the CPU levels that this machine can run, best first.
 * Each level includes those below it. Where the features of the CPU cannot be read, only the lowest
 * level is named: slow is better than an illegal instruction, which no program survives.
 */
export function supportedCpuLevels(
  arch: string = process.arch,
  features: ReadonlySet<string> = cpuFeatures(),
): readonly string[] {
  if (arch === 'arm64') return ['armv8-a'];
  if (arch !== 'x64') return [];
  const [v4, v3, v2] = x86Levels.map(({ flags }) => flags.every((flag) => features.has(flag)));
  const best = v2 && v3 && v4 ? 0 : v2 && v3 ? 1 : 2;
  return x86Levels.slice(best).map(({ name }) => name);
}

/** Features of the CPU under the names of Linux, which are also those of macOS in lower case. */
function cpuFeatures(): ReadonlySet<string> {
  try {
    if (process.platform === 'linux') {
      const flags = /^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'latin1'))?.[1] ?? '';
      return new Set(flags.trim().split(/\s+/));
    }
    if (process.platform === 'darwin') {
      const keys = ['machdep.cpu.features', 'machdep.cpu.leaf7_features'];
      const flags = execFileSync('sysctl', ['-n', ...keys], { encoding: 'latin1' });
      return new Set(flags.trim().toLowerCase().replaceAll('sse4.2', 'sse4_2').split(/\s+/));
    }
  } catch {
    // Unreadable: see supportedCpuLevels.
  }
  return new Set();
}
