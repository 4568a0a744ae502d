// Times our λ-kernels from structures: tensor-kernels.mjs STRUCTURES.xyz --rank 1|2, as peers/featomic_kernels.py does.

import { EquivariantPowerSpectrum, kernelMatrixSync, readStructures } from '../../dist/index.js';
import { emit, parse, perUnit, spectrumFlags, time } from './measure.mjs';

const flags = parse({ ...spectrumFlags, rank: 1 });
const { rank, threads, runs } = flags;
const structures = await readStructures(flags.file);
const speciesX = Int32Array.from(structures.flatMap(({ species }) => [...species]));
const representation = (lambda) =>
  new EquivariantPowerSpectrum({
    cutoff: { radius: flags.radius, smoothing: { width: flags.smoothing } },
    density: { width: flags.width },
    basis: { maxAngular: flags['max-angular'], radial: { count: flags.count } },
    species: [...new Set(speciesX)],
    ranks: [lambda],
  });
const [scalars, tensors] = [representation(0), representation(rank)];

// Features go into arrays that are used again.
const out = { scalars: undefined, tensors: undefined };
const { seconds, result } = time(() => {
  const features = tensors.computeSync(structures, { threads, out: out.tensors });
  const tensor = {
    lambda: rank,
    scalars: scalars.computeSync(structures, { threads, out: out.scalars }),
  };
  Object.assign(out, { scalars: tensor.scalars.values, tensors: features.values });
  const { values, rows, columns } = features;
  const kernel = { type: 'dot-product', zeta: 2 };
  return kernelMatrixSync({ values, rows, columns, tensor }, undefined, kernel, {
    threads,
    speciesX,
  });
}, runs);

// Of each element, lightest first.
const components = 2 * rank + 1;
const width = result.shape[1];
const elements = [...new Set(speciesX)].sort((a, b) => a - b);
const squares = elements.map(() => 0);
const traces = elements.map(() => 0);
speciesX.forEach((species, i) => {
  const element = elements.indexOf(species);
  for (let row = i * components; row < (i + 1) * components; row++) {
    traces[element] += result.values[row * width + row];
    for (const k of result.values.subarray(row * width, (row + 1) * width)) {
      squares[element] += k * k;
    }
  }
});
emit(flags, structures, `kernels of rank ${rank}`, {
  per: 'atom',
  secondsPerUnit: perUnit(seconds, speciesX.length),
  runs,
  squares,
  traces,
});
