// Long-range features: environments that look the same within a cutoff and are told apart by the
// field of what lies beyond it.
import { PowerSpectrum } from 'soapstone';

/** An ion in the middle of a large cell, with a counter-ion at some distance. */
const pair = (distance) => ({
  positions: [
    [10, 10, 10],
    [10, 10, 10 + distance],
  ],
  species: ['Na', 'Cl'],
  cell: [20, 0, 0, 0, 20, 0, 0, 0, 20],
  pbc: [true, true, true],
});

const shape = {
  cutoff: { radius: 3 },
  basis: { maxAngular: 2, radial: { count: 3 } },
  species: ['Na', 'Cl'],
};
const local = new PowerSpectrum(shape);
// The same density, and the potential of all ions and their images as further channels.
const crossed = new PowerSpectrum({ ...shape, longRange: { exponent: 1, width: 1 } });

/** How far the sodium's features are from those with the chlorine at 4 Å. */
async function change(representation, distance) {
  const { values, columns } = await representation.compute([pair(4), pair(distance)]);
  const sodium = (structure) =>
    values.subarray(2 * structure * columns, (2 * structure + 1) * columns);
  return Math.hypot(...sodium(0).map((x, k) => x - sodium(1)[k]));
}

console.log('distance (Å)   local   local and long-range');
for (const distance of [5, 6, 8]) {
  const [near, far] = [await change(local, distance), await change(crossed, distance)];
  console.log(`${String(distance).padStart(12)}   ${near.toFixed(3)}   ${far.toFixed(3)}`);
}

const mixed = crossed.labels.filter(({ fields }) => fields[0] !== fields[1]);
console.log(`${mixed.length} of ${crossed.features} columns cross the two`);
