import * as soapstone from '../ts';

/*
 * Programs without types may give anything to public functions: an error of the package says what, where, and what was
 * expected.
 */

const { optimize, Potential, PropertyModel, renderMap, renderReport, toChemiscope } = soapstone;

/** What a program without types gives. */
const any = (value: unknown) => value as never;

const report = (more: object) => renderReport({ title: 'x', summary: [], ...more });
const line = { name: 'a', x: [1], y: [1, 2] };
const chart = { x: 'a', y: 'b', lines: [line] };
const space = { a: { $choice: [1, 2] } };
const trial = { trial: 0, budget: 1, point: [0.5], values: { b: 1 }, score: 1, seconds: 1 };

test.each<[string, () => unknown, RegExp]>([
  ['Potential', () => new Potential(any(undefined)), /^parts: expected an object, got nothing/],
  ['Potential', () => new Potential(any({})), /^config: expected an object, got nothing/],
  ['Potential.create', () => Potential.create(any({ config: {} })), /^config\.representation: /],
  ['PropertyModel', () => new PropertyModel(any({})), /^config: expected an object, got nothing/],
  ['renderReport', () => renderReport(any(null)), /^data: expected an object, got null/],
  ['renderReport', () => renderReport(any({})), /^title: expected a string, got nothing/],
  ['renderReport', () => report({ sumary: [] }), /^sumary: unknown key, expected one of .*summary/],
  ['renderReport', () => report({ notes: 'all' }), /^notes: expected an array, got "all"/],
  [
    'renderReport',
    () => report({ sections: [{ title: 'a', chart }] }),
    /^sections\[0\]\.chart\.lines\[0\]\.y: expected 1 numbers, got 2/,
  ],
  [
    'renderReport',
    () => report({ parity: [{ set: 'a', pairs: { energy: { reference: [1], predicted: {} } } }] }),
    /^parity\[0\]\.pairs\.energy\.predicted: expected an array of numbers, got \{\}/,
  ],
  [
    'renderReport',
    () => report({ parity: [{ set: 'a', pairs: { energy: { reference: [1], predicted: [] } } }] }),
    /^parity\[0\]\.pairs\.energy\.predicted: expected 1 numbers, got 0/,
  ],
  [
    'renderReport',
    () => report({ search: { space, trials: [trial] } }),
    /^search\.trials\[0\]: expected a, which the space leaves open, got b/,
  ],
  ['renderMap', () => renderMap(any({})), /^title: expected a string, got nothing/],
  [
    'renderMap',
    () => renderMap(any({ title: 'x', structures: [{}], per: 'atom', axes: [], properties: [] })),
    /^structures\[0\]: expected a Structure/,
  ],
  ['toChemiscope', () => toChemiscope(any({ titel: 'x' })), /^title: expected a string/],
  ['optimize', () => optimize(space, any({})), /^objective: expected a function .*, got \{\}/],
  ['optimize', () => optimize(space, () => 1, any(null)), /^options: expected an object, got null/],
  [
    'optimize',
    () => optimize(space, () => 1, { onTrial: any(1) }),
    /^onTrial: expected a function/,
  ],
])('%s: %s is refused', async (_, call, message) => {
  const error: unknown = await Promise.resolve()
    .then(call)
    .catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    code: 'INVALID_INPUT',
    message: expect.stringMatching(message) as string,
  });
});
