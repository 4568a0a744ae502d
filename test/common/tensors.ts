import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Tensor } from '../../ts/common/safetensors';

/** Files written by NumPy and safetensors, see test/reference/generate/tensors.py. */
export const references = path.join(__dirname, '../reference/data/tensors');

/** The values in them; integers of 64 bits as text. */
export const values = JSON.parse(
  readFileSync(path.join(references, 'values.json'), 'utf8'),
) as Readonly<Record<string, { shape: number[]; data: unknown[] }>>;

export function asWrittenByScript({ data, shape }: Tensor): unknown {
  const numbers = Array.from<number | bigint>(data);
  return { shape, data: numbers.map((x) => (typeof x === 'bigint' ? String(x) : x)) };
}
