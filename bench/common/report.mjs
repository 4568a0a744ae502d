// What a run prints and keeps: tables, bench/RESULTS.json and the page made of it, bench/RESULTS.md.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import * as prettier from 'prettier';

import { systemInfo } from '../../dist/index.js';
import { folder } from './paths.mjs';

/** What the numbers depend on besides the programs. */
export function describeMachine() {
  const { cpuLevel, compiler, eigen } = systemInfo();
  return {
    processor: os.cpus()[0]?.model.trim() ?? 'unknown',
    cores: os.availableParallelism(),
    memory: `${Math.round(os.totalmem() / 2 ** 30)} GiB`,
    system: `${os.type()} ${os.arch()}`,
    node: process.version,
    engine: `${cpuLevel}, ${compiler}, Eigen ${eigen}`,
  };
}

/** A stage's table as lines of text. */
export function toTable({ title, rows, skipped, failed }) {
  const columns = ['what', 'measured', 'target', 'met', 'details'];
  const cells = rows.map((row) => columns.map((column) => cell(row, column)));
  const lines = [columns, ...cells];
  const widths = columns.map((_, k) => Math.max(...lines.map((line) => line[k].length)));
  const text = lines.map((line) =>
    line
      .map((entry, k) => entry.padEnd(widths[k]))
      .join('  ')
      .trimEnd(),
  );
  const instead = failed ? 'failed' : skipped && `skipped: ${skipped}`;
  return [title, ...(instead ? [instead] : text), ''].join('\n');
}

/** Puts the stages of this run in the place of their former results, and writes the page anew. */
export async function keepResults(stages) {
  const file = path.join(folder, 'RESULTS.json');
  const before = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  const results = { ...before, ...stages };
  await writeFormatted(file, JSON.stringify(results), 'json');
  await writeFormatted(path.join(folder, 'RESULTS.md'), toPage(results), 'markdown');
}

async function writeFormatted(file, text, parser) {
  const style = await prettier.resolveConfig(file);
  writeFileSync(file, await prettier.format(text, { ...style, parser }));
}

function toPage(results) {
  const intro =
    '# Results of the benchmarks\n\nWritten by `npm run bench`; see [README.md](README.md). A number is a ' +
    'median, in brackets the least and the largest. `a / b` is the time, or memory, of a divided by that of b, ' +
    'taken round by round.\n';
  return [intro, ...Object.values(results).map(toSection)].join('\n');
}

function toSection({ title, date, machine, load, how, measurements, rows, skipped }) {
  const { processor, cores, memory, system, node, engine } = machine;
  const about = `${date}: on ${processor}, ${cores} cores, ${memory}, ${system}, Node.js ${node}, engine ${engine}; load of the machine before: ${load}.`;
  if (skipped) return `## ${title}\n\n${about}\n\nSkipped: ${skipped}.\n`;
  const versions = new Set(measurements.map(({ program, version }) => `${program} ${version}`));
  const columns = ['what', 'measured', 'target', 'met', 'details'];
  const line = (cells) => `| ${cells.join(' | ')} |`;
  const table = [
    line(columns),
    line(columns.map(() => '---')),
    ...rows.map((row) => line(columns.map((column) => cell(row, column)))),
  ];
  const means = how ? ` Runs: ${how}.` : '';
  return `## ${title}\n\n${about} Programs: ${[...versions].join(', ')}.${means}\n\n${table.join('\n')}\n`;
}

function cell({ met, ...row }, column) {
  if (column === 'met') return met === undefined ? '' : met ? 'yes' : 'no';
  return row[column] ?? '';
}
