import { fitBaseline, meanBaseline } from '../../../ts/models/property/baseline';
import { Structure } from '../../../ts/structures/structure';

test('means of many equal labels leave less than rounding of each', async () => {
  const atoms = 200_000;
  const species = Array.from({ length: atoms }, (_, i) => (i % 3 ? 1 : 8));
  const structures = [new Structure({ species, positions: new Float64Array(3 * atoms) })];
  const values = new Float64Array(atoms).fill(28.7);
  const weights = Float64Array.from(species, (_, i) => 1 + (i % 7) / 10);
  for (const column of [
    { structures, per: 'atom', values },
    { structures, per: 'atom', values, weights },
  ] as const) {
    const ofElements = await fitBaseline(column, 'sum', [1, 8]);
    const ofAll = meanBaseline(column, 'sum', [1, 8]);
    for (const mean of [...ofElements.values(), ...ofAll.values()]) {
      expect(Math.abs(mean / 28.7 - 1)).toBeLessThan(1e-14);
    }
  }
});
