// Stretches one O–H bond of water far beyond anything in the training data: the predicted standard
// deviation grows with the distance from what the potential has seen.

const path = require('node:path');
const { Potential, readStructures, Structure } = require('soapstone');

async function main() {
  const data = path.join(path.dirname(require.resolve('soapstone/package.json')), 'data');
  const { potential } = await Potential.train(
    await readStructures(path.join(data, 'water-train.xyz')),
    {
      config: {
        representation: { cutoff: { radius: 4 }, basis: { maxAngular: 4, radial: { count: 6 } } },
        kernel: { zeta: 2 },
        sparse: { count: 300 },
      },
    },
  );
  const stretched = [0.9, 0.96, 1.0, 1.1, 1.2, 1.4, 1.6, 2.0].map((length) => ({
    length,
    structure: new Structure({
      species: ['O', 'H', 'H'],
      positions: [0, 0, 0, length, 0, 0, -0.24, 0.93, 0],
    }),
  }));
  // A few atoms are too little work to leave the thread for.
  const predictions = potential.predictSync(
    stretched.map(({ structure }) => structure),
    { uncertainty: true },
  );
  const lowest = Math.min(...predictions.map(({ energy }) => energy));
  console.log('O–H (Å)  energy (eV)  uncertainty (eV)');
  stretched.forEach(({ length }, s) => {
    const { energy, energyUncertainty } = predictions[s];
    console.log(
      `${length.toFixed(2).padStart(7)}${(energy - lowest).toFixed(3).padStart(13)}${energyUncertainty.toFixed(3).padStart(18)}`,
    );
  });
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
