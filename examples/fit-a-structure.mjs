// Moves the atoms of a distorted water molecule until their features are those of another one:
// gradient descent, the gradient by one vector–Jacobian product per step.

import { PowerSpectrum, Structure } from 'soapstone';

const species = ['O', 'H', 'H'];
const wanted = new Structure({ species, positions: [0, 0, 0, 0.76, 0.59, 0, -0.76, 0.59, 0] });
const moving = new Structure({ species, positions: [0, 0, 0, 0.9, 0.4, 0.1, -0.7, 0.7, 0.2] });

const soap = new PowerSpectrum({ cutoff: { radius: 3 }, species });
const target = soap.computeSync([wanted]).values;

for (let step = 0; step <= 200; step++) {
  const { values } = soap.computeSync([moving]);
  const difference = values.map((value, i) => value - target[i]); // ∂L/∂features of L = ½ |difference|²
  const loss = difference.reduce((sum, d) => sum + 0.5 * d * d, 0);
  if (step % 50 === 0) console.log(`step ${step}: loss ${loss.toExponential(2)}`);
  const { positions } = soap.vjpSync([moving], difference);
  for (let i = 0; i < positions.length; i++) moving.positions[i] -= 0.02 * positions[i];
}

const distance = ({ positions: p }, a, b) =>
  Math.hypot(...[0, 1, 2].map((axis) => p[3 * a + axis] - p[3 * b + axis]));
for (const [name, a, b] of [
  ['O–H', 0, 1],
  ['O–H', 0, 2],
  ['H–H', 1, 2],
]) {
  const [is, was] = [moving, wanted].map((structure) => distance(structure, a, b).toFixed(3));
  console.log(`${name}: ${is} Å, wanted ${was} Å`);
}
