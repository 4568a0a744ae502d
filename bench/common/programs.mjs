// Runs the programs that are measured, ours and the peers' alike: each is a child process that prints its
// measurement as a line of JSON.

import { spawn } from 'node:child_process';
import path from 'node:path';

import { folder } from './paths.mjs';

/**
 * Runs a program and resolves to its measurement. Rejects with what it wrote to stderr when it fails.
 *
 * @param program the command and its positional arguments; see {@link ours} and `peer`.
 * @param flags { maxAngular: 6, gradients: true } is --max-angular 6 --gradients.
 */
export async function runProgram(program, flags = {}) {
  const [measurement] = await runLines(program, flags);
  return measurement;
}

/** The same for a program that prints several measurements. */
export async function runLines([command, ...positional], flags = {}) {
  const child = spawn(command, [...positional, ...toArguments(flags)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr, status] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise((resolve, reject) => child.once('close', resolve).once('error', reject)),
  ]);
  if (status !== 0) throw new Error(`${command} ${positional.join(' ')} failed:\n${stderr}`);
  // Some peers print banners of their own; a measurement is a line that opens a JSON object.
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('{"'))
    .map((line) => JSON.parse(line));
}

/** Our script of bench/ours, as {@link runProgram} takes it. */
export function ours(script, ...positional) {
  return [process.execPath, path.join(folder, 'ours', script), ...positional];
}

/**
 * Runs programs in turn, A B A B …, so that whatever else the machine does meets all of them alike.
 *
 * @param programs by name, each a function that resolves to one measurement.
 * @returns the measurements of each program, one per round.
 */
export async function inTurn(programs, rounds) {
  const results = Object.fromEntries(Object.keys(programs).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, run] of Object.entries(programs)) results[name].push(await run());
  }
  return results;
}

function toArguments(flags) {
  return Object.entries(flags).flatMap(([name, value]) => {
    const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    return value === true ? [flag] : [flag, String(value)];
  });
}

async function text(stream) {
  let result = '';
  for await (const chunk of stream.setEncoding('utf8')) result += chunk;
  return result;
}
