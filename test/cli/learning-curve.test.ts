import { existsSync, readFileSync } from 'node:fs';

import { cli, cliJson, data, smallConfig, temporaryFolder } from './support';

const folder = temporaryFolder();
const water = data('water-test.xyz');
const config = folder.write('small.json', smallConfig);
const property = folder.write(
  'property.json',
  JSON.stringify({
    terms: [{ representation: { basis: { maxAngular: 1, radial: { count: 3 } } } }],
    regression: { type: 'sparse', count: 20 },
  }),
);

interface Curve {
  readonly test: number;
  readonly steps: readonly { readonly structures: number; readonly errors: object }[];
  readonly powerLaws: Record<string, { readonly exponent: number }>;
}

test('of a potential, with a report', async () => {
  const report = folder.file('curve.html');
  const { code, stdout } = await cli([
    ...['learning-curve', water, '--config', config, '--sizes', '10,20,40', '--repeats', '2'],
    ...['--report', report],
  ]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^structures +Energy MAE +RMSE +Forces MAE +RMSE$/m);
  expect(stdout).toMatch(/^ +meV\/atom +meV\/atom +meV\/Å +meV\/Å$/m);
  expect(stdout).toMatch(/^10( +[\d.e-]+ ± [\d.e-]+){4}$/m);
  expect(stdout).toMatch(/^Forces \(meV\/Å\): RMSE ≈ [\d.]{3,} · N\^−/m);
  const page = readFileSync(report, 'utf8');
  for (const heading of [
    '<h3>Energy</h3>',
    '<h3>Forces</h3>',
    'RMSE ≈ ',
    ' ± ',
    'aria-roledescription="rule mark container"',
  ])
    expect(page).toContain(heading);
  expect(page).toContain('<svg');
});

test('of a property, on a test file', async () => {
  const curve = await cliJson<Curve>(
    ...['learning-curve', water, '--target', 'forces', '--config', property],
    ...['--sizes', '10,40', '--test', data('water-train.xyz')],
  );
  expect(curve.steps.map(({ structures }) => structures)).toEqual([10, 40]);
  expect(Object.keys(curve.steps[0]!.errors)).toEqual(['forces']);
  expect(curve.powerLaws.forces!.exponent).toBeGreaterThan(0);
});

test('structures that alone have an element are for training', async () => {
  const frame = (k: number, second: string) =>
    `2\nproperty=${1 + Math.sin(k)}\nC 0 0 0\n${second} ${1 + 0.1 * k} 0 0\n`;
  const frames = Array.from({ length: 20 }, (_, k) => frame(k, k % 2 ? 'H' : 'O'));
  const rare = [frame(0, 'Ne'), frame(1, 'Xe'), frame(2, 'He')];
  const curve = await cliJson<Curve>(
    ...['learning-curve', folder.write('rare.xyz', [...rare, ...frames].join(''))],
    ...['--target', 'property', '--config', property, '--sizes', '10,19', '--repeats', '2'],
  );
  expect(curve.test).toBe(4);
  const alone = await cli([
    ...[
      'learning-curve',
      folder.write('alone.xyz', [...rare, frame(3, 'F'), frame(4, 'N')].join('')),
    ],
    ...['--target', 'property', '--sizes', '2'],
  ]);
  expect(alone.code).toBe(1);
  expect(alone.stderr).toContain('structures of the same elements, or --test, got 5');
});

test('of a property, with its unit', async () => {
  const { stdout } = await cli([
    ...['learning-curve', water, '--target', 'forces', '--config', property],
    ...['--sizes', '10,40'],
  ]);
  expect(stdout).toMatch(/^structures +forces MAE +RMSE\n +eV\/Å +eV\/Å\n10 +[\d.]+ +[\d.]+\n/);
});

test('says what is wrong, and leaves nothing behind', async () => {
  const report = folder.file('none.html');
  const wrong = ['learning-curve', water, '--config', config, '--report', report];
  const { code, stderr } = await cli([...wrong, '--sizes', '10,1000']);
  expect(code).toBe(1);
  expect(stderr).toContain(
    'sizes: expected integers from 1 to 40, the structures there are to train on, got 1000',
  );
  expect((await cli([...wrong, '--sizes', '10,x'])).code).toBe(2);
  expect(existsSync(report)).toBe(false);
});
