// Time of a full neighbour list per pair, beside vesin and matscipy where they are installed.
//
//     node bench/neighbours.mjs [--json] [--runs 7] [--threads 1] [--radius 5]

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { neighbourListSync, systemInfo } from '../dist/index.js';
import { peersInstalled, runPeer } from './peers/peer.mjs';

const { values: flags } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    runs: { type: 'string', default: '7' },
    threads: { type: 'string', default: '1' },
    radius: { type: 'string', default: '5' },
  },
});
const [runs, threads, radius] = [flags.runs, flags.threads, flags.radius].map(Number);

/** Numbers in [0, 1) that are the same on every machine (Park and Miller's generator). */
function randomNumbers(seed) {
  let state = seed;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

function cubic(edge, sites, repeat, species, displace) {
  const positions = [];
  for (let a = 0; a < repeat; a++) {
    for (let b = 0; b < repeat; b++) {
      for (let c = 0; c < repeat; c++) {
        for (const site of sites()) {
          positions.push([a, b, c].map((n, axis) => displace(edge * n + site[axis])));
        }
      }
    }
  }
  const length = repeat * edge;
  const cell = [
    [length, 0, 0],
    [0, length, 0],
    [0, 0, length],
  ];
  const kinds = positions.map((_, i) => species[i % species.length]);
  return { positions, species: kinds, cell };
}

/** Diamond silicon of 13 824 atoms, rattled. */
function silicon() {
  const random = randomNumbers(1);
  const faces = [
    [0, 0, 0],
    [0, 2, 2],
    [2, 0, 2],
    [2, 2, 0],
  ];
  const sites = faces.flatMap((f) => [f, f.map((x) => x + 1)]);
  const scaled = sites.map((site) => site.map((x) => (x * 5.43) / 4));
  return cubic(
    5.43,
    () => scaled,
    12,
    ['Si'],
    (x) => x + 0.2 * (random() - 0.5),
  );
}

/** 1728 molecules of water at the density of the liquid, turned at random: 5184 atoms. */
function water() {
  const random = randomNumbers(2);
  const molecule = () => {
    // Two orthonormal directions at random; the O–H bonds lie 52.26° to either side of the first.
    const u = unit([random() - 0.5, random() - 0.5, random() - 0.5]);
    const v = unit(cross(u, [random() - 0.5, random() - 0.5, random() - 0.5]));
    const hydrogen = (side) => u.map((x, axis) => 0.96 * (0.6121 * x + side * 0.7908 * v[axis]));
    return [[0, 0, 0], hydrogen(1), hydrogen(-1)];
  };
  return cubic(3.104, molecule, 12, ['O', 'H', 'H'], (x) => x);
}

function cross(a, b) {
  return [0, 1, 2].map((k) => a[(k + 1) % 3] * b[(k + 2) % 3] - a[(k + 2) % 3] * b[(k + 1) % 3]);
}

function unit(vector) {
  const length = Math.hypot(...vector);
  return vector.map((x) => x / length);
}

function median(sorted) {
  return sorted[Math.floor(sorted.length / 2)];
}

function measure(workload, { positions, species, cell }) {
  // As a program that computes would hold them; peers get arrays, too.
  const numbers = { Si: 14, O: 8, H: 1 };
  const structure = {
    positions: Float64Array.from(positions.flat()),
    species: Int32Array.from(species, (symbol) => numbers[symbol]),
    cell,
  };
  const compute = () => neighbourListSync([structure], { cutoff: radius, threads })[0];
  const pairs = compute().neighbours.length;
  const seconds = Array.from({ length: runs }, () => {
    const start = performance.now();
    compute();
    return (performance.now() - start) / 1000;
  }).sort((a, b) => a - b);
  return {
    program: 'soapstone',
    cpuLevel: systemInfo().cpuLevel,
    what: 'neighbour list',
    workload,
    threads,
    structures: 1,
    atoms: structure.species.length,
    per: 'pair',
    secondsPerUnit: {
      median: median(seconds) / pairs,
      min: seconds[0] / pairs,
      max: seconds.at(-1) / pairs,
    },
    runs,
    norm: pairs,
  };
}

function toExtxyz({ positions, species, cell }) {
  const head = `Lattice="${cell.flat().join(' ')}" Properties=species:S:1:pos:R:3 pbc="T T T"`;
  const lines = positions.map((position, i) => `${species[i]} ${position.join(' ')}`);
  return `${positions.length}\n${head}\n${lines.join('\n')}\n`;
}

async function measurePeers(workload, structure) {
  const folder = mkdtempSync(path.join(tmpdir(), 'soapstone-bench-'));
  try {
    const file = path.join(folder, `${workload}.xyz`);
    writeFileSync(file, toExtxyz(structure));
    const args = [file, '--runs', runs, '--threads', threads, '--radius', radius];
    const results = [];
    for (const script of ['vesin_neighbours.py', 'matscipy_neighbours.py']) {
      results.push(...(await runPeer(script, args)));
    }
    return results;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function print(measurement, ours) {
  if (flags.json) return console.log(JSON.stringify(measurement));
  const { program, workload, atoms, norm, secondsPerUnit } = measurement;
  const [mid, min, max] = ['median', 'min', 'max'].map((k) => (1e9 * secondsPerUnit[k]).toFixed(1));
  const ratio = (secondsPerUnit.median / ours.secondsPerUnit.median).toFixed(2);
  console.log(
    `${workload.padEnd(8)} ${String(atoms).padStart(6)} atoms ${String(norm).padStart(8)} pairs  ` +
      `${program.padEnd(9)} ${mid.padStart(6)} ns/pair (${min} to ${max})  ${ratio} × ours`,
  );
}

const withPeers = peersInstalled();
if (!withPeers && !flags.json) {
  console.log('The peers are not installed (node bench/peers/setup.mjs): our numbers alone.');
}
for (const [workload, structure] of [
  ['silicon', silicon()],
  ['water', water()],
]) {
  const ours = measure(workload, structure);
  print(ours, ours);
  if (withPeers) for (const peer of await measurePeers(workload, structure)) print(peer, ours);
}
