// Reads structures one at a time, as for a file that is larger than memory, computes features of a
// few hundred atoms at a time, and writes the structures with one number added. Ctrl-C stops it, and
// then nothing half-written is left.

import { fileURLToPath } from 'node:url';

import { iterateStructures, PowerSpectrum, StructureWriter } from 'soapstone';

const data = new URL('data/', import.meta.resolve('soapstone/package.json'));
const input = fileURLToPath(new URL('ethanol-train.xyz', data));
const soap = new PowerSpectrum({ cutoff: { radius: 4 }, species: ['H', 'C', 'O'] });

const controller = new AbortController();
process.once('SIGINT', () => controller.abort());
const { signal } = controller;

const writer = await StructureWriter.create('ethanol-norms.xyz.gz', { signal });
let count = 0;
let chunk = [];

async function finishChunk() {
  const { values, columns } = await soap.compute(chunk, { signal });
  let row = 0;
  for (const structure of chunk) {
    const own = values.subarray(row * columns, (row += structure.length) * columns);
    structure.info.soap_norm = Math.hypot(...own.subarray(0, columns));
    await writer.write(structure);
  }
  count += chunk.length;
  chunk = [];
}

try {
  for await (const structure of iterateStructures(input, { signal })) {
    chunk.push(structure);
    if (chunk.length === 64) await finishChunk();
  }
  if (chunk.length > 0) await finishChunk();
  await writer.close();
  console.log(`${count} structures written to ethanol-norms.xyz.gz`);
} finally {
  await writer.discard();
}
