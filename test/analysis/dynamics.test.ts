import { relax, temperatureOf, thermalVelocities, velocityVerlet } from '../../ts/analysis';
import type { DynamicsState, ForceField } from '../../ts/analysis';
import { Structure } from '../../ts/structures/structure';
import { failing } from '../failing';

const hydrogen = new Structure({ species: ['H', 'H'], positions: [0, 0, 0, 0.9, 0, 0] });
const stiffness = 36; // eV/Å^2, about that of H2
const length = 0.74;

/** A spring between two atoms. */
const spring: ForceField = ({ positions: p }) => {
  const bond = [0, 1, 2].map((i) => p[3 + i]! - p[i]!);
  const stretch = Math.hypot(...bond) - length;
  const pull = bond.map((x) => (stiffness * stretch * x) / Math.hypot(...bond));
  return {
    energy: 0.5 * stiffness * stretch ** 2,
    forces: Float64Array.from([...pull, ...pull.map((x) => -x)]),
  };
};

async function run(steps: number, timeStep: number): Promise<DynamicsState[]> {
  const states: DynamicsState[] = [];
  for await (const state of velocityVerlet(hydrogen, spring, { timeStep })) {
    states.push({
      ...state,
      structure: new Structure({
        ...state.structure,
        positions: state.structure.positions.slice(),
      }),
    });
    if (state.step === steps) break;
  }
  return states;
}

test('what moves keeps tags and masses, and no results of where it was', async () => {
  const numbers = (length: number) => new Float64Array(length);
  const info = { name: 'H2', weight: 2, charge: 1, total_charge: 1, theory_level: 'PBE' };
  const arrays = {
    tags: Int32Array.of(1, 2),
    masses: Float64Array.of(1.008, 2.014),
    initial_charges: Float64Array.of(0.1, -0.1),
    nuclear_charges: Int32Array.of(1, 1),
  };
  const given = new Structure({
    ...hydrogen,
    info: { ...info, energy: -1, REF_energy: -2, stress: numbers(9), energy_uncertainty: 0.1 },
    arrays: { ...arrays, forces: numbers(6), dft_forces: numbers(6), charges: numbers(2) },
  });
  const { structure } = await relax(given, spring);
  expect(structure.info).toEqual(info);
  expect(Object.keys(structure.arrays)).toEqual(Object.keys(arrays));
  expect(structure.arrays.tags!.data).toEqual(arrays.tags);
});

describe('velocity Verlet', () => {
  test('swings at the frequency of the spring', async () => {
    const states = await run(2000, 0.05);
    const stretched = states.map(({ structure: { positions: p } }) => p[3]! - p[0]! > length);
    const crossings = stretched.flatMap((s, i) => (i > 0 && s !== stretched[i - 1] ? [i] : []));
    const half = (0.05 * (crossings.at(-1)! - crossings[0]!)) / (crossings.length - 1);
    const reducedMass = 1.008 / 2;
    const omega = Math.sqrt((stiffness / reducedMass) * 9.648533212331e-3); // 1/fs
    expect(half).toBeCloseTo(Math.PI / omega, 2);
  });

  test('keeps the energy, to second order in the time step', async () => {
    const spread = async (timeStep: number) => {
      const energies = (await run(Math.round(50 / timeStep), timeStep)).map(
        ({ potentialEnergy, kineticEnergy }) => potentialEnergy + kineticEnergy,
      );
      return Math.max(...energies) - Math.min(...energies);
    };
    const [coarse, fine] = [await spread(0.2), await spread(0.1)];
    expect(coarse / fine).toBeGreaterThan(3.8);
    expect(coarse / fine).toBeLessThan(4.2);
  });

  test('leaves the given structure and velocities alone, and moves along the velocities', async () => {
    const velocities = Float64Array.from([0, 0.01, 0, 0, 0.01, 0]);
    const before = hydrogen.positions.slice();
    for await (const { step, structure, time } of velocityVerlet(hydrogen, spring, {
      velocities,
    })) {
      if (step < 4) continue;
      expect(time).toBe(2);
      expect((structure.positions[1]! + structure.positions[4]!) / 2).toBeCloseTo(0.02, 12);
      break;
    }
    expect(hydrogen.positions).toEqual(before);
    expect(velocities[0]).toBe(0);
  });

  test('moves atoms by the masses that the structure gives them', async () => {
    const deuterium = new Structure({ ...hydrogen, arrays: { masses: [2.014, 2.014] } });
    const first = async (structure: Structure) => {
      const trajectory = velocityVerlet(structure, spring);
      await trajectory.next();
      const { positions } = (await trajectory.next()).value.structure;
      return positions[3]! - structure.positions[3]!;
    };
    expect((await first(deuterium)) / (await first(hydrogen))).toBeCloseTo(1.008 / 2.014, 9);
    const velocities = thermalVelocities(deuterium, 300);
    expect(temperatureOf(deuterium, velocities)).toBeCloseTo(300, 9);
    expect(temperatureOf(hydrogen, velocities)).toBeCloseTo((300 * 1.008) / 2.014, 9);
  });

  test.each([
    [{ timeStep: 0 }, 'timeStep'],
    [{ velocities: new Float64Array(3) }, 'velocities'],
    [{ velocities: new Float64Array(6).fill(NaN) }, 'velocities'],
  ])('refuses %j', async (options, path) => {
    await expect(velocityVerlet(hydrogen, spring, options).next()).rejects.toMatchObject({ path });
  });
});

test.each([
  ['zero', [1, 0], '0 for atom 1'],
  ['text', { data: ['a', 'b'], shape: [2] }, 'something else'],
  ['two for each', { data: Float64Array.of(1, 2, 3, 4), shape: [2, 2] }, 'something else'],
])('refuses masses that are %s', (_, masses, got) => {
  const structure = new Structure({ ...hydrogen, arrays: { masses } });
  expect(() => thermalVelocities(structure, 300)).toThrow(
    failing({ path: 'arrays.masses', message: expect.stringContaining(got) }),
  );
});

test('thermal velocities have the temperature asked for, no drift, and repeat with the seed', () => {
  const structure = new Structure({
    species: [8, 1, 1, 29],
    positions: Array.from({ length: 12 }, (_, i) => i * i),
  });
  const velocities = thermalVelocities(structure, 300, 7);
  expect(temperatureOf(structure, velocities)).toBeCloseTo(300, 9);
  const masses = [15.999, 1.008, 1.008, 63.546];
  for (const axis of [0, 1, 2]) {
    expect(masses.reduce((sum, m, i) => sum + m * velocities[3 * i + axis]!, 0)).toBeCloseTo(0, 12);
  }
  expect(thermalVelocities(structure, 300, 7)).toEqual(velocities);
  expect(thermalVelocities(structure, 300, 8)).not.toEqual(velocities);
  expect(thermalVelocities(new Structure({ species: [1], positions: [0, 0, 0] }), 300)).toEqual(
    new Float64Array(3),
  );
});

describe('relaxation', () => {
  test('ends where the forces are small', async () => {
    const steps: number[] = [];
    const result = await relax(hydrogen, spring, {
      maxForce: 1e-4,
      onStep: ({ step }) => steps.push(step),
    });
    expect(result.converged).toBe(true);
    expect(result.maxForce).toBeLessThanOrEqual(1e-4);
    expect(steps).toEqual(Array.from({ length: result.step + 1 }, (_, i) => i));
    const [x0, , , x1] = result.structure.positions;
    expect(x1! - x0!).toBeCloseTo(length, 5);
    expect(hydrogen.positions[3]).toBe(0.9);
  });

  test('gives up after maxSteps and says so', async () => {
    const result = await relax(hydrogen, spring, { maxForce: 1e-9, maxSteps: 3 });
    expect(result).toMatchObject({ converged: false, step: 3 });
  });

  test.each([
    [{ maxForce: 0 }, 'maxForce'],
    [{ maxSteps: NaN }, 'maxSteps'],
    [{ maxSteps: -1 }, 'maxSteps'],
  ])('refuses %j', async (options, path) => {
    await expect(relax(hydrogen, spring, options)).rejects.toMatchObject({ path });
  });

  test('names a force field that gives other than one vector for each atom', async () => {
    const wrong = () => ({ energy: 0, forces: new Float64Array(3) });
    const expected = { message: 'forceField: expected forces of 2 × 3 numbers, got 3' };
    await expect(relax(hydrogen, wrong)).rejects.toMatchObject(expected);
    await expect(velocityVerlet(hydrogen, wrong).next()).rejects.toMatchObject(expected);
  });

  test.each<[name: string, forceField: unknown, message: RegExp]>([
    ['nothing', () => undefined, /expected { energy, forces }/],
    ['forces in a list', () => ({ energy: 0, forces: [0, 0, 0, 0, 0, 0] }), /in a Float64Array/],
    [
      'a force that is not finite',
      () => ({ energy: 0, forces: Float64Array.of(0, 0, 0, 0, NaN, 0) }),
      /expected finite forces, got NaN for y of atom 1/,
    ],
    [
      'an energy that is not finite',
      () => ({ energy: NaN, forces: new Float64Array(6) }),
      /expected a finite energy, got NaN/,
    ],
    ['no function', 3, /expected a function, got 3/],
  ])('refuses a force field that gives %s', async (_, forceField, message) => {
    const wrong = forceField as ForceField;
    const expected = { path: 'forceField', message: expect.stringMatching(message) as string };
    await expect(relax(hydrogen, wrong)).rejects.toMatchObject(expected);
    await expect(velocityVerlet(hydrogen, wrong).next()).rejects.toMatchObject(expected);
  });

  test('stops when aborted', async () => {
    const controller = new AbortController();
    const onStep = () => controller.abort();
    await expect(
      relax(hydrogen, spring, { signal: controller.signal, onStep }),
    ).rejects.toMatchObject({ name: 'AbortError' });
  });
});
