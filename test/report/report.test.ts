import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { renderReport, writeReport } from '../../ts/report';
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
  summary: [
    { label: 'Structures', value: 12345 },
    { label: 'Cutoff', value: 4.5, unit: 'Å' },
  ],
  errors: [
    {
      set: 'Training',
      energy: { mae: 0.000421, rmse: 0.00061 },
      forces: { mae: 0.0123, rmse: 0.02 },
    },
    { set: 'Validation', energy: { mae: 0.00314159, rmse: 0.0052 } },
  ],
  parity: [
    { set: 'Training', energy: ramp(40, 0.01), forces: ramp(600, 0.1), energyOrigin: 'from afar' },
    { set: 'Validation', energy: ramp(10, 0.02) },
  ],
  learningCurve: {
    set: 'the validation structures',
    points: [10, 20, 40].map((structures) => ({
      structures,
      energy: { mae: 0.1 / structures, rmse: 0.2 / structures },
      forces: { mae: 1 / structures, rmse: 2 / structures },
    })),
  },
  calibration: [
    { set: 'Validation', name: 'Energy', unit: 'eV/atom', ...spread(200, 1) },
    { set: 'Validation', name: 'Dipole', ...spread(30, 2) },
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
    expect(text).toContain('Error of dipole, root mean square');
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
      '50 structures; the line is perfect agreement. Energies are from afar.',
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
    errors: [{ set: name, energy: { mae: 1, rmse: 2 } }],
    parity: [{ set: name, energy: ramp(3, 1), energyOrigin: name }],
    sections: [
      {
        title: name,
        paragraphs: [name],
        chart: { x: name, y: name, caption: name, lines: [{ name, x: [0], y: [0] }] },
      },
    ],
    learningCurve: { set: name, points: [{ structures: 1, energy: { mae: 1, rmse: 1 } }] },
    notes: [name],
    configuration: { [name]: name },
    versions: { [name]: name },
  });
  expect(html).not.toContain('<script');
  expect(count(html, /<\/style>/g)).toBe(1);
  expect(html).toContain('<h1>&#60;script&#62;alert(1)&#60;/script&#62; &#38; &#34;it&#39;s&#34;');
  expect(html).toContain('${x} $&#38; $1');
});

test('a set too large to draw point by point is counted on a grid, and the caption says so', async () => {
  const html = await renderReport({
    title: 'Large',
    summary: [],
    parity: [{ set: 'Test', forces: ramp(30_000, 0.5) }],
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
    errors: [{ set: 'None' }],
    parity: [
      { set: 'Empty', energy: { reference: [], predicted: [] } },
      { set: 'Equal', energy: { reference: [1, 1], predicted: [1, 1] } },
      { set: 'Infinite', forces: { reference: [1, NaN], predicted: [Infinity, 2] } },
    ],
    learningCurve: { set: 'one point', points: [{ structures: 5, energy: { mae: 0, rmse: 0 } }] },
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
