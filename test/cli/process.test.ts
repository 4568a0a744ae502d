import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { Potential } from '../../ts/models';
import { readStructures } from '../../ts/structures/extxyz';
import { data, program, temporaryFolder } from './support';
import type { Result } from './support';

const folder = temporaryFolder();
const given = temporaryFolder().write(
  'given.json',
  JSON.stringify({ representation: {}, kernel: { zeta: 2 }, sparse: { count: 800 } }),
);

/** Starts the program as a user does; `onStderr` sees what it says as it says it. */
function start(
  args: readonly string[],
  onStderr: (said: string, kill: (signal: NodeJS.Signals) => void) => void = () => undefined,
): Promise<Result & { readonly signal: string | null }> {
  if (!existsSync(program)) throw new Error(`${program} is missing: run npm run build`);
  const child = spawn(process.execPath, [program, ...args], { cwd: folder.path });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
    onStderr(stderr, (signal) => child.kill(signal));
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code: code ?? -1, signal, stdout, stderr }));
  });
}

test('exit codes reach the shell, and errors have no stack', async () => {
  expect(await start(['--version'])).toMatchObject({ code: 0, stderr: '' });
  expect(await start(['nonsense'])).toMatchObject({ code: 2, stdout: '' });
  const failed = await start(['train', 'nowhere.xyz', '-o', 'm']);
  expect(failed).toMatchObject({ code: 1, stdout: '' });
  expect(failed.stderr).not.toMatch(/\n\s+at /);
  expect(readdirSync(folder.path)).toEqual([]);
});

const ofLinux = existsSync('/dev/full') ? test : test.skip;

ofLinux('an output that takes no more is said in a line', () => {
  const command = `"${process.execPath}" "${program}" --version > /dev/full`;
  const { status, stderr } = spawnSync('sh', ['-c', command], { encoding: 'utf8' });
  expect(stderr).toBe('error: cannot write the standard output: no space left on the disk\n');
  expect(status).toBe(1);
});

ofLinux('featurize does not wait for a pipe that it has read already', async () => {
  execFileSync('mkfifo', [folder.file('pipe')]);
  const result = await start(['featurize', 'pipe', '-o', 'features.npy']);
  expect(result).toMatchObject({ code: 1, stderr: expect.stringMatching(/pipe is a pipe/) });
  rmSync(folder.file('pipe'));
});

describe.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s in the middle of training', (signal, code) => {
  test.each([
    ['hyperparameters', []],
    // With these given, there is nothing to search for.
    ['kernel', ['--config', given]],
  ])(
    'during %s leaves nothing',
    async (stage, flags) => {
      const args = ['train', data('ethanol-train.xyz'), data('water-train.xyz'), ...flags];
      let killed = false;
      const result = await start(
        [...args, '-o', 'm.soapstone', '--report', 'r.html', '--json'],
        (said, kill) => {
          if (killed || !said.includes(`${stage} …`)) return;
          killed = true;
          kill(signal);
        },
      );
      expect(result).toMatchObject({ code, stdout: '' });
      expect(result.stderr).toMatch(/interrupted\n$/);
      expect(readdirSync(folder.path)).toEqual([]);
    },
    60_000,
  );
});

test('the demo trains, tests, and simulates, and leaves a report, a potential and a trajectory', async () => {
  const { code, stdout } = await start(['demo', '--fast', '--json', '--output', 'results']);
  expect(code).toBe(0);
  const result = JSON.parse(stdout) as Record<string, unknown> & {
    test: { ethanol: { forces: { mae: number } } };
    learningCurve: { forces: { mae: number } }[];
    relaxation: { maxForce: [number, number] };
    dynamics: { largestDeviation: number };
  };
  expect(result).toMatchObject({
    report: 'results/report.html',
    model: 'results/model.soapstone',
    trajectory: 'results/trajectory.xyz',
    relaxation: { converged: true },
  });
  expect(result.test.ethanol.forces.mae).toBeLessThan(0.2);
  expect(result.learningCurve.at(-1)!.forces.mae).toBeLessThan(result.learningCurve[0]!.forces.mae);
  expect(result.relaxation.maxForce[1]).toBeLessThan(0.011);
  expect(result.dynamics.largestDeviation).toBeLessThan(2);
  expect(readdirSync(folder.file('results')).sort()).toEqual([
    'model.soapstone',
    'report.html',
    'trajectory.xyz',
  ]);
  const html = readFileSync(folder.file('results/report.html'), 'utf8');
  for (const heading of ['Errors', 'Predictions', 'Learning curve', 'Configuration']) {
    expect(html).toContain(`<h2>${heading}</h2>`);
  }
  const potential = await Potential.load(folder.file('results/model.soapstone'));
  const trajectory = await readStructures(folder.file('results/trajectory.xyz'));
  const [{ energy } = { energy: NaN }] = await potential.predict([trajectory.at(-1)!]);
  expect(trajectory.at(-1)!.info.energy).toBeCloseTo(energy, 9);
}, 60_000);
