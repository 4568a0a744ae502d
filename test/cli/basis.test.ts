import { readFileSync } from 'node:fs';
import { cli, cliJson, temporaryFolder } from './support';

const folder = temporaryFolder();

test('draws the basis of a representation on one page', async () => {
  const output = folder.file('basis.html');
  const config = folder.write(
    'ace.json',
    JSON.stringify({
      type: 'ace',
      density: { type: 'delta', scaling: { type: 'willatt', scale: 2, rate: 1, exponent: 4 } },
      basis: { maxAngular: 4, radial: { type: 'bessel', count: 6 } },
    }),
  );
  const result = await cliJson('basis', '--config', config, '-o', output);
  expect(result).toMatchObject({ output, configuration: { cutoff: { radius: 5 } } });
  const page = readFileSync(output, 'utf8');
  for (const text of ['scaling', 'Radial functions, l = 4', 'Radial integrals, l = 2', 'n = 5']) {
    expect(page).toContain(text);
  }
  // Weight, and functions and integrals of three l.
  expect(page.match(/<svg /g)).toHaveLength(7);
});

test('has defaults, and leaves out functions that are points', async () => {
  const output = folder.file('defaults.html');
  expect(await cli(['basis', '-o', output])).toMatchObject({ code: 0 });
  const config = folder.write('dvr.json', '{"basis":{"radial":{"type":"legendre-dvr"}}}');
  const points = folder.file('dvr.html');
  expect(await cli(['basis', '--config', config, '-o', points])).toMatchObject({ code: 0 });
  const page = readFileSync(output, 'utf8');
  // Gaussian-type orbitals do not depend on l.
  expect(page).toContain('Radial functions, all l');
  expect(page.match(/<svg /g)).toHaveLength(5);
  expect(readFileSync(points, 'utf8')).not.toContain('Radial functions,');
});

test('says what it cannot draw', async () => {
  const config = folder.write('lode.json', '{"density":{"type":"power-law","exponent":1}}');
  const { code, stderr } = await cli(['basis', '--config', config, '-o', folder.file('no.html')]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/lode\.json.*density\.type.*gaussian or delta/);
});
