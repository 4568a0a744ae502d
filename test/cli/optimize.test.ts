import { readFileSync } from 'node:fs';
import { cli, cliJson, data, temporaryFolder } from './support';

const folder = temporaryFolder();
const water = data('water-test.xyz');
const space = folder.write(
  'space.json',
  JSON.stringify({
    representation: {
      cutoff: { radius: { $choice: [2, 3.5] } },
      basis: { maxAngular: 3, radial: { count: 4 } },
    },
    kernel: { zeta: { $choice: [1, 2] } },
    sparse: { count: 30 },
    noise: { energy: 0.002, forces: 0.05 },
  }),
);
const settings = ['--folds', '2', '--method', 'grid'];

interface Output {
  readonly trials: number;
  readonly failed: number;
  readonly best: { readonly trial: number; readonly score: number };
  readonly config: { readonly kernel: { readonly zeta: number } };
}

test('writes the best settings, which train takes, and goes on where it was', async () => {
  const [best, state] = [folder.file('best.json'), folder.file('search.state')];
  const run = ['optimize', water, '--config', space, '-o', best, '--state', state, ...settings];
  const first = await cli([...run, '--trials', '2']);
  expect(first).toMatchObject({ code: 0 });
  expect(first.stdout).toMatch(/^best of 2 trials:\n\* +[01] {2}energy [\d.]+ meV\/atom {2}forces/);
  expect(first.stderr).toMatch(/^\* {3}0 {2}energy .* cutoff\.radius 2, kernel\.zeta 1\n/);

  const result = await cliJson<Output>(...run);
  expect(result).toMatchObject({ trials: 4, failed: 0 });
  const lines = readFileSync(state, 'utf8').trim().split('\n');
  expect(lines).toHaveLength(5);
  expect(result.best.score).toBe(
    Math.min(...lines.slice(1).map((line) => (JSON.parse(line) as { score: number }).score)),
  );
  expect(JSON.parse(readFileSync(best, 'utf8'))).toEqual(result.config);
  const model = folder.file('water.soapstone');
  const trained = await cliJson<{ configuration: Output['config'] }>(
    ...['train', water, '--config', best, '-o', model],
  );
  expect(trained.configuration.kernel.zeta).toBe(result.config.kernel.zeta);
});

test('a report shows what was tried', async () => {
  const [best, report] = [folder.file('reported.json'), folder.file('search.html')];
  const run = ['optimize', water, '--config', space, '-o', best, ...settings];
  const { stdout } = await cli([...run, '--report', report]);
  expect(stdout).toMatch(/settings: .*reported\.json\nreport: .*search\.html\n$/);
  const html = readFileSync(report, 'utf8');
  expect(html).toContain('<h1>Search for the settings of a potential</h1>');
  expect(html.match(/<tr class="best">/g)).toHaveLength(1);
  expect(html).toContain('Energy RMSE');
  const found = await cliJson<{ report: string }>(...run, '--report', report);
  expect(found.report).toBe(report);
  // Refused before the first trial.
  const same = await cli([...run, '--report', best]);
  expect(same).toMatchObject({ code: 1, stdout: '' });
  expect(same.stderr).toContain('cannot be two outputs at once');
});

test.each([
  ['{"kernel": {"zeta": 2}}', /space\.json: space: there is nothing to search/],
  ['{"kernel": {"zeta": {"$integers": [1, 2]}}}', /wrong-space\.json: kernel\.zeta: unknown/],
  ['{"kernel": {"zetta": {"$integer": [1, 2]}}}', /kernel\.zetta: unknown key/],
])('%s is no space', async (text, message) => {
  const config = folder.write('wrong-space.json', text);
  const { code, stderr } = await cli(['optimize', water, '--config', config, '-o', 'best.json']);
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(message) });
});

test('wrong flags are wrong usage', async () => {
  const base = ['optimize', water, '--config', space, '-o', folder.file('x.json')];
  for (const wrong of [
    ['--folds', '1'],
    ['--folds', 'leave-two-out'],
    ['--method', 'guess'],
    ['--weights', 'energy:1'],
    ['--trials', '0'],
  ]) {
    expect(await cli([...base, ...wrong])).toMatchObject({ code: 2, stdout: '' });
  }
});

test('what no trial could mend is said before the first', async () => {
  const base = ['optimize', water, '--config', space, '-o', folder.file('y.json')];
  const stress = await cli([...base, '--weights', 'stress=1']);
  expect(stress).toEqual({
    code: 1,
    stdout: '',
    stderr: 'error: weights.stress: there is no error of this name, only energy, forces\n',
  });
  const trained = await cli(['train', water, '--config', space, '-o', folder.file('y.soapstone')]);
  expect(trained).toMatchObject({ code: 1, stdout: '' });
  expect(trained.stderr).toMatch(/space\.json: representation\.cutoff\.radius: \$choice leaves/);
});
