import { FormatError, InvalidInputError } from '../../ts/errors';
import { Structure } from '../../ts/structures/structure';
import { extractTargets } from '../../ts/structures/targets';
import type { AtomArray, InfoValue } from '../../ts/structures/values';

const array = (data: readonly number[], ...shape: number[]): AtomArray => ({
  data: Float64Array.from(data),
  shape: shape.length > 0 ? shape : [data.length],
});

/** Two atoms in a cell of 2 × 3 × 4 Å^3. */
function dimer(info: Record<string, InfoValue>, arrays: Record<string, AtomArray> = {}): Structure {
  return new Structure({
    positions: [0, 0, 0, 0, 0, 1],
    species: ['N', 'N'],
    cell: [2, 0, 0, 0, 3, 0, 0, 0, 4],
    info,
    arrays,
    source: { file: 'train.xyz', frame: 7, line: 43 },
  });
}

const forces = array([1, 2, 3, -1, -2, -3], 2, 3);
const symmetric = [1, 6, 5, 6, 2, 4, 5, 4, 3];

test('energies, forces and stresses under their own names', () => {
  const targets = extractTargets([
    dimer({ energy: -1.5, stress: array(symmetric, 3, 3) }, { forces }),
    dimer({ energy: 2, stress: array([1, 2, 3, 4, 5, 6]) }, { forces }),
    dimer({ energy: array([3]), stress: array(symmetric) }, { forces }),
  ]);
  expect([...targets.energies!]).toEqual([-1.5, 2, 3]);
  expect([...targets.forces[1]!]).toEqual([1, 2, 3, -1, -2, -3]);
  for (const stress of targets.stresses) expect([...stress!]).toEqual(symmetric);
  expect(targets.notes).toEqual([]);
});

test('names that the user chose, and quantities that are not asked for', () => {
  const structure = dimer({ E: 1, energy: 2, S: array(symmetric) }, { F: forces });
  const { energies, ...rest } = extractTargets([structure], {
    energy: 'E',
    forces: 'F',
    stress: 'S',
  });
  expect([...energies!]).toEqual([1]);
  expect(rest.forces[0]).toBeDefined();
  expect(rest.stresses[0]).toBeDefined();
  const none = extractTargets([structure], { energy: null, forces: null, stress: null });
  expect(none).toEqual({
    energies: undefined,
    forces: [undefined],
    stresses: [undefined],
    notes: [],
  });
});

test('a virial becomes a stress, and this is said', () => {
  const virial = array(symmetric.map((x) => -24 * x));
  for (const key of ['virial', 'virials']) {
    const { stresses, notes } = extractTargets([dimer({ energy: 0, [key]: virial })]);
    expect([...stresses[0]!]).toEqual(symmetric);
    expect(notes).toEqual([expect.stringContaining(`info.${key} (eV)`)]);
  }
  const chosen = extractTargets([dimer({ energy: 0, REF_virial: virial })], {
    stress: 'REF_virial',
  });
  expect([...chosen.stresses[0]!]).toEqual(symmetric);
});

test('forces and stresses may be there in part, which is said', () => {
  const { forces: found, notes } = extractTargets([
    dimer({ energy: 0, stress: array(symmetric) }, { forces }),
    dimer({ energy: 0 }),
  ]);
  expect(found[1]).toBeUndefined();
  expect(notes).toEqual(['forces: in 1 of 2 structures', 'stress: in 1 of 2 structures']);
});

test('labels under other names are pointed out', () => {
  const { notes } = extractTargets([
    dimer({ energy: 0, virial_stress: array([1, 2, 3, 4, 5, 6]) }, { DFT_forces: forces }),
  ]);
  expect(notes).toEqual([
    expect.stringMatching(/DFT_forces.*keys.forces in programs, --forces-key on the command line/),
    expect.stringMatching(/virial_stress.*--stress-key/),
  ]);
});

test('odd stresses are pointed out', () => {
  const skew = extractTargets([dimer({ energy: 0, stress: array([0, 2, 0, 1, 0, 0, 0, 0, 0]) })]);
  expect(skew.notes).toEqual([expect.stringContaining('not symmetric')]);
  expect([...skew.stresses[0]!].slice(0, 4)).toEqual([0, 1.5, 0, 1.5]);
  const large = extractTargets([dimer({ energy: 0, stress: array(symmetric.map((x) => 9 * x)) })]);
  expect(large.notes).toEqual([expect.stringContaining('is the unit right?')]);
});

test('a missing energy names file, frame and line, and the keys that may be meant', () => {
  const structures = [dimer({ energy: 1 }), dimer({ REF_energy: 1, free_energy: 2, name: 'x' })];
  expect(() => extractTargets(structures)).toThrow(FormatError);
  expect(() => extractTargets(structures)).toThrow(
    /^train.xyz, frame 7 \(counted from 0\), line 43: info.energy is missing.*REF_energy, free_energy: .*--energy-key/,
  );
  const unread = new Structure({ ...dimer({}), source: undefined });
  expect(() => extractTargets([unread])).toThrow(InvalidInputError);
  expect(() => extractTargets([unread])).toThrow('structures[0]: info.energy is missing');
});

test('no energy at all is allowed where energies are not required', () => {
  expect(extractTargets([dimer({})], {}, { requireEnergy: false }).energies).toBeUndefined();
  const partial = [dimer({ energy: 1 }), dimer({})];
  expect(() => extractTargets(partial, {}, { requireEnergy: false })).toThrow('missing');
});

test.each<[string, Record<string, InfoValue>, Record<string, AtomArray>, RegExp]>([
  ['an energy that is text', { energy: 'low' }, {}, /info.energy: .*got "low"/],
  ['an energy that is NaN', { energy: NaN }, {}, /info.energy: .*got NaN/],
  ['an energy that is a flag', { energy: true }, {}, /info.energy: .*got true/],
  [
    'forces of another shape',
    { energy: 0 },
    { forces: array([1, 2]) },
    /shape \[2, 3\].*shape \[2\]/,
  ],
  [
    'an infinite force',
    { energy: 0 },
    { forces: array([0, 0, 0, 0, Infinity, 0], 2, 3) },
    /y of atom 1/,
  ],
  [
    'a stress of four numbers',
    { energy: 0, stress: array([1, 2, 3, 4]) },
    {},
    /info.stress: .*shape \[4\]/,
  ],
  ['a stress with NaN', { energy: 0, stress: array([1, 2, NaN, 4, 5, 6]) }, {}, /finite/],
])('%s is refused', (_, info, arrays, message) => {
  expect(() => extractTargets([dimer(info, arrays)])).toThrow(FormatError);
  expect(() => extractTargets([dimer(info, arrays)])).toThrow(message);
});

test('a stress without a cell is refused', () => {
  const molecule = new Structure({
    positions: [0, 0, 0],
    species: ['H'],
    info: { energy: 0, stress: array(symmetric) },
  });
  expect(() => extractTargets([molecule])).toThrow('no meaning without a cell');
});
