// Which surroundings do atoms of an element have? Motifs are modes of the density of their environments on a map; a
// table says what stands about a typical atom of each, and a page shows all.
//
//     node motifs.mjs                                   oxygens of the water in the package
//     node motifs.mjs STRUCTURES.xyz ELEMENT PROPERTY   others, coloured by a property of atoms

import { fileURLToPath } from 'node:url';

import {
  findMotifs,
  neighbourList,
  PowerSpectrum,
  PrincipalComponents,
  readStructures,
  writeMap,
} from 'soapstone';

const data = fileURLToPath(new URL('data/', import.meta.resolve('soapstone/package.json')));
const [file = `${data}water-train.xyz`, element = 'O', property] = process.argv.slice(2);
const structures = await readStructures(file);
const species = [...new Set(structures.flatMap(({ symbols }) => symbols))];

// Features of the atoms of one element.
const soap = new PowerSpectrum({
  cutoff: { radius: 3.5 },
  density: { width: 0.4 },
  basis: { maxAngular: 4, radial: { count: 4 } },
  species,
  normalize: true,
});
const structure = [];
const atom = [];
const rows = [];
for (const [s, each] of structures.entries()) {
  const { values, columns } = await soap.compute([each]);
  each.symbols.forEach((symbol, a) => {
    if (symbol !== element) return;
    structure.push(s);
    atom.push(a);
    rows.push(values.slice(a * columns, (a + 1) * columns));
  });
}
const features = new Float64Array(rows.length * soap.features);
rows.forEach((row, i) => features.set(row, i * soap.features));

// A map of three axes, and the motifs on it.
const matrix = { values: features, shape: [rows.length, soap.features] };
const components = await PrincipalComponents.fit(matrix, { count: 3 });
const map = await components.project(matrix);
const motifs = await findMotifs(map);
const values = property
  ? Float64Array.from(atom, (a, i) => structures[structure[i]].arrays[property].data[a])
  : undefined;

// The bonds of the atom at the top of each motif.
console.log(`${rows.length} ${element} atoms, ${motifs.clusters} motifs`);
for (const [motif, peak] of motifs.peaks.entries()) {
  const s = structures[structure[peak]];
  const [{ first, neighbours, vectors }] = await neighbourList([s], { cutoff: 1.9 });
  const near = {};
  for (let k = first[atom[peak]]; k < first[atom[peak] + 1]; k++) {
    const symbol = s.symbols[neighbours[k]];
    const distance = Math.hypot(...vectors.subarray(3 * k, 3 * k + 3));
    if (distance < (symbol === 'H' || element === 'H' ? 1.3 : 1.9))
      near[symbol] = (near[symbol] ?? 0) + 1;
  }
  const bonds = Object.entries(near).map(([symbol, count]) => `${symbol}${count}`);
  const own = motifs.labels.reduce((list, label, i) => (label === motif ? [...list, i] : list), []);
  const mean = values && own.reduce((sum, i) => sum + values[i] / own.length, 0);
  const deviation =
    values && Math.sqrt(own.reduce((sum, i) => sum + (values[i] - mean) ** 2 / own.length, 0));
  const colour = values ? `  ${property} ${mean.toFixed(1)} ± ${deviation.toFixed(1)}` : '';
  const part = (100 * own.length) / rows.length;
  console.log(
    `motif ${motif}  ${part.toFixed(1).padStart(5)} %  bonds ${bonds.sort().join(' ') || 'none'}${colour}`,
  );
}

// Columns of the map, as the page has them.
const column = (k) => map.values.filter((_, i) => i % 3 === k);
await writeMap('motifs.html', {
  title: `Motifs of ${element}`,
  structures,
  per: 'atom',
  atoms: { structure: Int32Array.from(structure), atom: Int32Array.from(atom) },
  axes: [0, 1, 2].map((k) => ({ name: `PC ${k + 1}`, values: column(k) })),
  properties: [
    ...(values ? [{ name: property, values }] : []),
    { name: 'motif', classes: true, values: motifs.labels },
  ],
  facts: [
    { label: 'Atoms', value: rows.length },
    { label: 'Motifs', value: motifs.clusters },
  ],
});
console.log('map: motifs.html');
