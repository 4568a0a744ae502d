import { reducedFormula } from '../../ts/analysis/composition';
import { Structure } from '../../ts/structures/structure';

test.each([
  [['H', 'H', 'O', 'C', 'H', 'H', 'H', 'H', 'C'], 'C2 H6 O'],
  [['O', 'H', 'H', 'O', 'H', 'H'], 'H2 O'],
  [['Ti', 'O', 'O', 'Ba', 'O'], 'Ba O3 Ti'],
  [['C', 'C'], 'C'],
  [['C', 'O', 'O'], 'C O2'],
])('the formula of %j is %s', (species, formula) => {
  const positions = species.flatMap((_, i) => [i, 0, 0]);
  expect(reducedFormula(new Structure({ species, positions }))).toBe(formula);
});
