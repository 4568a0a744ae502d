import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const root = path.resolve(__dirname, '../..');

/** Every page of the documentation, by its path in the repository. */
export const pages = [
  'README.md',
  'CHANGELOG.md',
  ...readdirSync(path.join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

export const read = (page: string): string => readFileSync(path.join(root, page), 'utf8');

/** A fenced block. */
export interface CodeBlock {
  readonly language: string;
  readonly text: string;
  /** Of the first line of the text, counted from 1. */
  readonly line: number;
}

export function codeBlocks(page: string): CodeBlock[] {
  const text = read(page);
  return [...text.matchAll(/^```(\w*)\n([^]*?)^```$/gm)].map((match) => ({
    language: match[1]!,
    text: match[2]!,
    line: text.slice(0, match.index).split('\n').length + 1,
  }));
}

/** The text without fenced blocks. */
export const prose = (page: string): string => read(page).replace(/^```[^]*?^```$/gm, '');

/** The cells of the rows of the table below a heading, without its head; backticks are taken off names. */
export function tableBelow(page: string, heading: string): string[][] {
  const section = read(page)
    .split(/^## /m)
    .find((part) => part.startsWith(`${heading}\n`));
  return (section ?? '')
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) => {
      const [name, ...cells] = line.split('|').slice(1, -1);
      return [name!.replaceAll('`', ''), ...cells].map((cell) => cell.trim());
    });
}
