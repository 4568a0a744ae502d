// Times the Jacobian of the power spectrum: jacobian.mjs STRUCTURES.xyz
//
// All rows of all atoms, some atoms at a time into one array that is used again: nobody needs them all at
// once, and they would fill gigabytes. The time holds the neighbour lists.

import { readStructures } from '../../dist/index.js';
import { emit, parse, perUnit, powerSpectrum, spectrumFlags, timeAsync } from './measure.mjs';

/** Rows that are in memory at a time. */
const chunkBytes = 16e6;

const flags = parse(spectrumFlags);
const { threads, runs } = flags;
const structures = await readStructures(flags.file);
const spectrum = powerSpectrum(flags, structures);
const { rows: atoms } = spectrum.shape(structures);

let out = new Float64Array(chunkBytes / 8);
let bytes = 0;
/** Visits the rows chunk by chunk. */
async function computeAll(visit = () => {}) {
  const jacobian = await spectrum.jacobian(structures, { threads });
  bytes = jacobian.bytes();
  for (let from = 0; from < atoms;) {
    let to = from + 1;
    while (to < atoms && jacobian.bytes({ from, to: to + 1 }) <= chunkBytes) to++;
    const size = jacobian.bytes({ from, to }) / 8;
    if (out.length < size) out = new Float64Array(size);
    visit(jacobian.computeSync({ from, to }, { threads, out }));
    from = to;
  }
}

const seconds = await timeAsync(computeAll, runs);
let square = 0;
await computeAll((rows) => (square = rows.reduce((sum, x) => sum + x * x, square)));
emit(flags, structures, 'power spectrum, jacobian', {
  per: 'atom',
  secondsPerUnit: perUnit(seconds, atoms),
  runs,
  bytesPerAtom: bytes / atoms,
  norm: Math.sqrt(square),
});
