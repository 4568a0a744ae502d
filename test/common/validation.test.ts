import { checkConfig } from '../../ts/models/config';
import { checkPropertyConfig } from '../../ts/models/property/config';
import { failing } from '../failing';

describe('of the forms that a value may have, the nearest says what is wrong', () => {
  const term = (smoothness: unknown) => ({
    terms: [{ kernel: { type: 'matern', width: 1, smoothness } }],
  });
  test.each<[given: object, path: string, message: RegExp]>([
    [{ noise: 0 }, 'noise', /: expected a number > 0, got 0$/],
    [{ noise: Infinity }, 'noise', /: expected a number > 0, got Infinity$/],
    [{ noise: 'low' }, 'noise', /: expected a number > 0 or an array, got "low"$/],
    [{ noise: [0.1, -1] }, 'noise[1]', /: expected a number > 0, got -1$/],
    [{ terms: [] }, 'terms', /: expected at least 1 in a list, got \[\]$/],
    [term(2), 'terms[0].kernel.smoothness', /: expected 0.5 or 1.5 or 2.5, got 2$/],
    [
      { regression: { type: 'sparse', count: 0 } },
      'regression.count',
      /: expected "all" or an integer from 1 to 100000, got 0$/,
    ],
    [{ unit: '' }, 'unit', /: expected at least 1 in a text, got ""$/],
    [{ noize: 1 }, 'noize', /: unknown key, expected one of aggregate, baseline, /],
    [{ regression: { type: 'spars' } }, 'regression.type', /: expected one of "sparse", "full"/],
  ])('%j', (given, path, message) => {
    expect(() => checkPropertyConfig(given as never)).toThrow(failing({ path }));
    expect(() => checkPropertyConfig(given as never)).toThrow(message);
  });
});

test.each<[given: object, path: string]>([
  [{ kernel: { zeta: { $choice: [1, 2] } } }, 'kernel.zeta'],
  [{ sparse: { count: { $integer: [1, 2] } } }, 'sparse.count'],
  [{ representation: { $choice: [{}] } }, 'representation'],
  [
    { representation: { cutoff: { radius: { $uniform: [4, 6] } } } },
    'representation.cutoff.radius',
  ],
])('a space to search is told from a configuration: %j', (given, path) => {
  const message = expect.stringContaining('leaves a value to a search, which optimize makes');
  expect(() => checkConfig(given)).toThrow(failing({ path, message }));
  const terms = { terms: [{ representation: { type: { $choice: ['ace'] } } }] };
  expect(() => checkPropertyConfig(terms as never)).toThrow(
    failing({ path: 'terms[0].representation.type', message }),
  );
});
