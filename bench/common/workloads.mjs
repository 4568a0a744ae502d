// The structures on which speed is measured: generated, the same on every machine, and written to
// files that all programs read.

import { chemicalSymbols, writeStructures } from '../../dist/index.js';
import { withLabels } from './labels.mjs';
import { workFile } from './paths.mjs';

const generators = {
  ...Object.fromEntries(
    [1, 2, 4, 8, 16, 32, 56, 60].map((count) => [`elements-${count}`, () => [manyElements(count)]]),
  ),
  /** 300 rattled molecules. */
  ethanol: () => ethanolMolecules(300),
  /** Diamond, 512 atoms, rattled. */
  silicon: () => [siliconCell(4, 2)],
  /** 64 molecules at the density of the liquid, turned at random. */
  water: () => [waterBox(4, 3)],
  'silicon-large': () => [siliconCell(12, 4)],
  'water-large': () => [waterBox(12, 5)],
  /** Eight elements at random on a rattled face-centred lattice, 256 atoms. */
  alloy: () => [alloy(3.6, 4, randomNumbers(6))],
  // For a quick look.
  'ethanol-small': () => ethanolMolecules(30),
  'silicon-small': () => [siliconCell(2, 2)],
  'water-small': () => [waterBox(2, 3)],
};

/** Generates a workload and returns the path of its file. */
export async function workload(name) {
  return written(name, generators[name]());
}

/** Writes structures as a workload of this name, with labels if asked, and returns the path of their file. */
export async function written(name, structures, { labelled = false } = {}) {
  const file = workFile(`${name}.xyz`);
  await writeStructures(file, labelled ? withLabels(structures) : structures);
  return file;
}

/** Rattled molecules of nine atoms. */
export const ethanolMolecules = (count, seed = 1) => rattledMolecules(count, randomNumbers(seed));

/** Rattled diamond, 8 · repeat³ atoms in one cubic cell. */
export const siliconCell = (repeat, seed) => silicon(repeat, randomNumbers(seed));

/** Water, 3 · repeat³ atoms in one cubic cell. */
export const waterBox = (repeat, seed) => water(repeat, randomNumbers(seed));

/** Ethanol in its trans form, Å. */
const ethanol = {
  species: ['C', 'C', 'O', 'H', 'H', 'H', 'H', 'H', 'H'],
  positions: [
    [1.168, -0.4, 0],
    [0, 0.559, 0],
    [-1.19, -0.228, 0],
    [-1.947, 0.382, 0],
    [0.043, 1.208, 0.887],
    [0.043, 1.208, -0.887],
    [2.116, 0.145, 0],
    [1.129, -1.037, 0.886],
    [1.129, -1.037, -0.886],
  ],
};

function rattledMolecules(count, random) {
  return Array.from({ length: count }, () => ({
    species: ethanol.species,
    positions: rattled(ethanol.positions, 0.08, random),
    pbc: false,
  }));
}

function silicon(repeat, random) {
  const edge = 5.43;
  const faces = [
    [0, 0, 0],
    [0, 2, 2],
    [2, 0, 2],
    [2, 2, 0],
  ];
  const sites = faces.flatMap((face) => [face, face.map((x) => x + 1)]);
  const scaled = sites.map((site) => site.map((x) => (x * edge) / 4));
  const { positions, cell } = cubic(edge, repeat, () => scaled);
  return {
    positions: rattled(positions, 0.05, random),
    species: positions.map(() => 'Si'),
    cell,
    pbc: true,
  };
}

function alloy(edge, repeat, random) {
  const elements = ['Al', 'Ti', 'V', 'Cr', 'Fe', 'Co', 'Ni', 'Cu'];
  const [near, far] = [0, edge / 2];
  const sites = [
    [near, near, near],
    [near, far, far],
    [far, near, far],
    [far, far, near],
  ];
  const { positions, cell } = cubic(edge, repeat, () => sites);
  return {
    positions: rattled(positions, 0.05, random),
    species: positions.map(() => elements[Math.floor(elements.length * random())]),
    cell,
    pbc: true,
  };
}

/** So many elements, as evenly as can be, at random on a rattled face-centred lattice, 108 atoms. */
function manyElements(count) {
  const random = randomNumbers(7);
  const { positions, cell } = cubic(4, 3, () => [
    [0, 0, 0],
    [0, 2, 2],
    [2, 0, 2],
    [2, 2, 0],
  ]);
  const species = positions
    .map((_, atom) => ({ species: chemicalSymbols[1 + (atom % count)], key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ species }) => species);
  return { positions: rattled(positions, 0.05, random), species, cell, pbc: true };
}

function water(repeat, random) {
  const molecule = () => {
    // Two orthonormal directions at random; the O–H bonds lie 52.26° to either side of the first.
    const vector = () => [gaussian(random), gaussian(random), gaussian(random)];
    const u = unit(vector());
    const v = unit(cross(u, vector()));
    const hydrogen = (side) => u.map((x, axis) => 0.96 * (0.6121 * x + side * 0.7908 * v[axis]));
    return [[0, 0, 0], hydrogen(1), hydrogen(-1)];
  };
  const { positions, cell } = cubic(3.104, repeat, molecule);
  const species = positions.map((_, atom) => ['O', 'H', 'H'][atom % 3]);
  return { positions, species, cell, pbc: true };
}

/** `repeat`³ cubic cells with the atoms that `sites` gives for each of them. */
function cubic(edge, repeat, sites) {
  const range = [...Array(repeat).keys()];
  const corners = range.flatMap((a) => range.flatMap((b) => range.map((c) => [a, b, c])));
  const positions = corners.flatMap((corner) =>
    sites().map((site) => site.map((x, axis) => edge * corner[axis] + x)),
  );
  const length = repeat * edge;
  const cell = [
    [length, 0, 0],
    [0, length, 0],
    [0, 0, length],
  ];
  return { positions, cell };
}

const rattled = (positions, width, random) =>
  positions.map((position) => position.map((x) => x + width * gaussian(random)));

/** Numbers in (0, 1) that are the same on every machine (Park and Miller's generator). */
function randomNumbers(seed) {
  let state = 7919 * seed;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

/** Box and Muller. */
const gaussian = (random) => Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());

const cross = (a, b) =>
  [0, 1, 2].map((k) => a[(k + 1) % 3] * b[(k + 2) % 3] - a[(k + 2) % 3] * b[(k + 1) % 3]);

function unit(vector) {
  const length = Math.hypot(...vector);
  return vector.map((x) => x / length);
}
