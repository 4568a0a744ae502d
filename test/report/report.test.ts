import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { optimize } from '../../ts/regression';
import type { OptimizeOptions } from '../../ts/regression';
import { renderReport, writeReport } from '../../ts/report';
import { potentialQuantities } from '../../ts/report/quantities';
import type { ReportData } from '../../ts/report';

const ramp = (length: number, error: number) => {
  const reference = Float64Array.from({ length }, (_, i) => i / length);
  return { reference, predicted: reference.map((value, i) => value + error * Math.sin(i)) };
};

/** Errors that are so many times as large as their uncertainties. */
const spread = (length: number, factor: number) => {
  const uncertainties = Float64Array.from({ length }, (_, i) => 0.01 * (1 + i / length));
  return { uncertainties, errors: uncertainties.map((x, i) => factor * x * Math.sin(7 * i)) };
};

const data: ReportData = {
  title: 'Silicon',
  description: 'Trained on 20 structures.',
  quantities: potentialQuantities.map((quantity) => ({ ...quantity, origin: 'from afar' })),
  summary: [
    { label: 'Structures', value: 12345 },
    { label: 'Cutoff', value: 4.5, unit: 'Å' },
  ],
  errors: [
    {
      set: 'Training',
      errors: {
        energy: { mae: 0.000421, rmse: 0.00061 },
        forces: { mae: 0.0123, rmse: 0.02 },
      },
    },
    { set: 'Validation', errors: { energy: { mae: 0.00314159, rmse: 0.0052 } } },
  ],
  parity: [
    { set: 'Training', pairs: { energy: ramp(40, 0.01), forces: ramp(600, 0.1) } },
    { set: 'Validation', pairs: { energy: ramp(10, 0.02) } },
  ],
  learningCurve: {
    set: 'the validation structures',
    points: [10, 20, 40].map((structures) => ({
      structures,
      errors: {
        energy: { mae: 0.1 / structures, rmse: 0.2 / structures },
        forces: { mae: 1 / structures, rmse: 2 / structures },
      },
    })),
  },
  calibration: [
    { set: 'Validation', quantity: 'energy', ...spread(200, 1) },
    { set: 'Validation', quantity: 'forces', ...spread(30, 2) },
  ],
  sections: [
    {
      title: 'Dynamics',
      paragraphs: ['It moves.'],
      chart: { x: 'time (fs)', y: 'energy (eV)', lines: [{ name: 'E', x: [0, 1], y: [2, 3] }] },
    },
  ],
  configuration: { kernel: { zeta: 4 } },
  notes: ['No stress in the data.'],
  versions: { soapstone: '0.1.0' },
};

/** The text of the document without tags, blanks collapsed. */
const textOf = (html: string): string =>
  html
    .replace(/<style>[^]*?<\/style>/g, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/[ \n]+/g, ' ');

const count = (text: string, pattern: RegExp): number => [...text.matchAll(pattern)].length;

describe('a report', () => {
  let html: string;
  beforeAll(async () => (html = await renderReport(data)));

  test('is one document that asks for nothing from anywhere', () => {
    expect(html.startsWith('<!doctype html>')).toBe(true);
    expect(html).not.toMatch(/<script|<link|<img|<iframe|@import|url\(["']?(?!#)/);
    const addresses = [...html.matchAll(/https?:\/\/[^"' ]+/g)].map(([address]) => address);
    expect(addresses.every((address) => address.startsWith('http://www.w3.org/'))).toBe(true);
    expect(html).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
  });

  test('shows the numbers of the data in the units of its headings', () => {
    const text = textOf(html);
    expect(text).toContain('Structures 12\u202f345');
    expect(text).toContain('Cutoff 4.5 Å');
    expect(text).toContain('Energy MAE meV/atom Energy RMSE meV/atom Forces MAE meV/Å');
    expect(text).toContain('Training 0.421 0.610 12.3 20.0');
    expect(text).toContain('Validation 3.14 5.20 – –');
    expect(text).toContain('10 10.0 20.0 100 200 20 5.00 10.0 50.0 100 40 2.50 5.00 25.0 50.0');
    expect(text).toContain('No stress in the data.');
    expect(text).toContain('Energy: reliability');
    expect(text).toContain('Validation: 100.0 % within one standard deviation (expected 68.3 %)');
    expect(text).toContain('Root mean square error (eV/Å)');
    expect(text).toContain('Validation: 200 in 20 parts');
    expect(text).toContain('soapstone 0.1.0');
    expect(html.replaceAll('&#34;', '"')).toContain('"zeta": 4');
  });

  test('draws every point, with units on the axes', () => {
    expect(count(html, /<svg role="img"/g)).toBe(2 + 2 + 4 + 2 + 1);
    const parity = /<svg role="img" aria-label="Energy: predicted and reference"[^]*?<\/svg>/.exec(
      html,
    )![0];
    expect(count(parity, /d="M2,0A/g)).toBe(50);
    for (const title of ['Reference energy (eV/atom)', 'Predicted forces (eV/Å)', 'time (fs)']) {
      expect(html).toContain(`>${title}<`);
    }
    expect(textOf(html)).toContain(
      '50 structures; the line is perfect agreement. Values are from afar.',
    );
  });

  test('has no id twice', () => {
    const ids = [...html.matchAll(/\bid="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('has one set of tags', () => {
    for (const tag of ['html', 'table', 'tr', 'th', 'td', 'figure', 'svg', 'div', 'g']) {
      const open = count(html, new RegExp(`<${tag}(?=[\\s>])(?![^>]*/>)`, 'g'));
      expect([tag, open]).toEqual([tag, count(html, new RegExp(`</${tag}\\s*>`, 'g'))]);
    }
  });
});

test('names of all kinds are shown and never become markup', async () => {
  const name = `<script>alert(1)</script> & "it's" </style> \${x} $& $1`;
  const html = await renderReport({
    title: name,
    description: name,
    summary: [{ label: name, value: name, unit: name }],
    errors: [
      { set: name, errors: { [name]: { mae: 1, rmse: 2, rmsRelative: 3 } } },
      { set: name, part: name, errors: { [name]: { mae: 1, rmse: 2 } } },
    ],
    quantities: [{ key: name, name, title: name, unit: name, per: name, origin: name }],
    parity: [{ set: name, pairs: { [name]: ramp(3, 1) } }],
    calibration: [{ set: name, quantity: name, ...spread(30, 1) }],
    sections: [
      {
        title: name,
        paragraphs: [name],
        chart: { x: name, y: name, caption: name, lines: [{ name, x: [0], y: [0] }] },
      },
    ],
    learningCurve: {
      set: name,
      points: [1, 2].map((structures) => ({
        structures,
        errors: { [name]: { mae: 1 / structures, rmse: 1 / structures } },
      })),
    },
    notes: [name],
    configuration: { [name]: name },
    versions: { [name]: name },
  });
  expect(html).not.toContain('<script');
  expect(count(html, /<\/style>/g)).toBe(1);
  expect(html).toContain('<h1>&#60;script&#62;alert(1)&#60;/script&#62; &#38; &#34;it&#39;s&#34;');
  expect(html).toContain('${x} $&#38; $1');
});

test('parts of sets stand below them, and relative errors have a column', async () => {
  const html = await renderReport({
    title: 'Shieldings',
    summary: [],
    quantities: [
      { key: 'CS', name: 'CS', unit: 'ppm', per: 'atoms' },
      { key: 'CS H', name: 'CS of H', unit: 'ppm', per: 'atoms of H' },
    ],
    errors: [
      { set: 'Test', errors: { CS: { mae: 1, rmse: 2, rmsRelative: 0.05 } } },
      { set: 'Test', part: 'H', errors: { CS: { mae: 0.5, rmse: 0.6, rmsRelative: 0.02 } } },
    ],
    parity: [{ set: 'Test', pairs: { 'CS H': ramp(20, 0.1) } }],
  });
  const text = textOf(html);
  expect(text).toContain('CS MAE ppm CS RMSE ppm CS RMSE / rms % Test 1.00 2.00 5.00 H 0.500');
  expect(count(html, /<tr class="part">/g)).toBe(1);
  expect(count(html, /<svg role="img"/g)).toBe(2);
  for (const title of ['Reference CS of H (ppm)', 'Error, predicted − reference (ppm)']) {
    expect(html).toContain(`>${title}<`);
  }
  expect(text).toContain('20 atoms of H; the line is perfect agreement.');
});

test('a set has the same colour in all charts', async () => {
  const html = await renderReport({
    title: 'Colours',
    summary: [],
    parity: ['Training', 'Test'].map((set) => ({ set, pairs: { energy: ramp(9, 1) } })),
    calibration: [{ set: 'Test', quantity: 'energy', ...spread(30, 1) }],
  });
  const [, uncertainty] = html.split('<h2>Uncertainty</h2>');
  expect(uncertainty).toContain('var(--series-2)');
  expect(uncertainty).not.toContain('var(--series-1)');
});

test('a learning curve has logarithmic axes, error bars and its power laws', async () => {
  const html = await renderReport({
    title: 'Curve',
    summary: [],
    learningCurve: {
      set: 'others',
      points: [10, 100, 1000].map((structures) => ({
        structures,
        errors: { forces: { mae: structures ** -0.5, rmse: 2 * structures ** -0.5 } },
        spread: { forces: { mae: 0.01, rmse: 0.02 } },
      })),
    },
  });
  const text = textOf(html);
  expect(text).toContain('MAE ≈ 1000 · N^−0.50');
  expect(text).toContain('RMSE ≈ 2000 · N^−0.50');
  expect(text).toContain('10 20 50 100 200 500 1000');
  expect(text).toContain('1\u202f000 31.6 ± 10 63.2 ± 20');
  expect(count(html, /stroke-dasharray="5,4"/g)).toBe(2);
  const bars = /<g class="mark-rule role-mark[^]*?<\/g>/.exec(html)![0];
  expect(count(bars, /<line /g)).toBe(6);
});

describe('of a search', () => {
  const space = {
    kernel: { zeta: { $choice: [1, 2] }, width: { $logUniform: [0.1, 10] } },
    type: { $choice: ['<a>', { deep: 1 }] },
  };
  const objective = ({ kernel: { zeta, width } }: { kernel: { zeta: number; width: number } }) => {
    if (width > 2) throw new Error('too <wide>');
    const rmse = zeta * (1 + Math.log(width) ** 2);
    const details = { forces: { mae: rmse / 2, rmse, count: 1 } };
    return { score: Math.log(rmse), details };
  };
  const report = async (options: OptimizeOptions, logarithmic = true) => {
    const { trials, best } = await optimize(space, (config) => objective(config as never), options);
    const search = { space, trials, logarithmic };
    const html = await renderReport({ title: 'Search', summary: [], search });
    return { html, text: textOf(html), trials, best };
  };

  test('shows all trials, the best first, and which settings matter', async () => {
    const { html, text, trials, best } = await report({ trials: 16, method: 'random' });
    const failed = trials.filter(({ score }) => score === null).length;
    expect(failed).toBeGreaterThan(0);
    expect(count(html, /<svg role="img"/g)).toBe(1 + 1 + 3);
    expect(text).toMatch(
      /Trial kernel\.zeta kernel\.width type Forces RMSE meV\/Å Error × best Time s/,
    );
    expect(count(html, /<tr class="best">/g)).toBe(1);
    const rows = [...html.matchAll(/<tr[^>]*>\s*<td>(\d+)<\/td>/g)].map(([, trial]) =>
      Number(trial),
    );
    expect(rows).toHaveLength(16);
    expect(rows[0]).toBe(best.trial);
    const score = (trial: number) => trials[trial]!.score ?? Infinity;
    expect(rows).toEqual([...rows].sort((a, b) => score(a) - score(b) || a - b));
    expect(text).toContain(`× failed: ${failed}.`);
    expect(html).toContain('failed: too &#60;wide&#62;');
    expect(html).not.toContain('<a>');
    const progress = /<svg role="img" aria-label="Scores of all trials"[^]*?<\/svg>/.exec(html)![0];
    expect(count(progress, /fill="var\(--series-1\)"/g)).toBe(16 - failed);
    expect(count(progress, />×</g)).toBe(failed);
    expect(text).toContain('Which settings matter');
  });

  test('tells efforts apart', async () => {
    const { text, html } = await report({ trials: 18, method: 'successive-halving' });
    expect(text).toContain('11.1 % of the effort');
    expect(text).toContain('Of trials with 11.1 % of the effort.');
    expect(html).toContain('var(--series-3)');
  });

  test('without logarithms has the scores themselves, and of few trials no importance', async () => {
    const { text, best } = await report({ trials: 5, method: 'random' }, false);
    expect(text).not.toContain('Which settings matter');
    expect(text).toMatch(/Score Time s/);
    expect(text).toContain(best.score!.toFixed(3));
  });

  test('none of whose trials succeeded', async () => {
    const trial = { budget: 1, point: [0.1, 0.1, 0.1], score: null, error: 'no', seconds: 1 };
    const values = { 'kernel.zeta': 1, 'kernel.width': 1, type: 'a' };
    const search = { space, trials: [{ ...trial, trial: 0, values }] };
    expect(textOf(await renderReport({ title: 'None', summary: [], search }))).toContain(
      'failed: no',
    );
  });
});

test('a set too large to draw point by point is counted on a grid, and the caption says so', async () => {
  const html = await renderReport({
    title: 'Large',
    summary: [],
    parity: [{ set: 'Test', pairs: { forces: ramp(30_000, 0.5) } }],
  });
  expect(textOf(html)).toContain(
    '30\u202f000 force components; the line is perfect agreement. Counted on a grid',
  );
  expect(html.length).toBeLessThan(1e6);
});

test('values that are equal, absent or not finite still give a report', async () => {
  const html = await renderReport({
    title: 'Odd',
    summary: [{ label: 'Nothing', value: NaN }],
    errors: [{ set: 'None', errors: {} }],
    parity: [
      { set: 'Empty', pairs: { energy: { reference: [], predicted: [] } } },
      { set: 'Equal', pairs: { energy: { reference: [1, 1], predicted: [1, 1] } } },
      { set: 'Infinite', pairs: { forces: { reference: [1, NaN], predicted: [Infinity, 2] } } },
    ],
    learningCurve: {
      set: 'one point',
      points: [{ structures: 5, errors: { energy: { mae: 0, rmse: 0 } } }],
    },
  });
  expect(html).toContain('Odd');
});

test('the file appears only when it is complete', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'soapstone-report-'));
  const file = path.join(folder, 'report.html');
  await writeReport(file, data);
  expect(readFileSync(file, 'utf8')).toBe(await renderReport(data));
  expect(readdirSync(folder)).toEqual(['report.html']);
  await expect(writeReport(path.join(folder, 'no', 'such.html'), data)).rejects.toMatchObject({
    code: 'INVALID_INPUT',
  });
});
