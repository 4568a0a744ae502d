import { PowerSpectrum } from '../../ts';

const soap = new PowerSpectrum({ species: ['H'], basis: { maxAngular: 2, radial: { count: 2 } } });
const atoms = { species: ['H', 'H'], positions: [0, 0, 0, 0, 0, 1] };

test('one signal may serve many calculations at once, without a warning of Node', async () => {
  const { signal } = new AbortController();
  const listeners = jest.spyOn(signal, 'addEventListener');
  const many = () => Array.from({ length: 30 }, () => soap.compute([atoms], { signal }));
  await Promise.all(many());
  await Promise.all(many());
  expect(listeners.mock.calls.length).toBeLessThanOrEqual(1);
});

test('aborting it ends all of them, and none that is over', async () => {
  const controller = new AbortController();
  const { signal } = controller;
  await soap.compute([atoms], { signal });
  const many = Array.from({ length: 600 }, () => atoms);
  const running = [1, 2, 3].map(() => soap.compute(many, { signal, threads: 1 }));
  controller.abort();
  const ends = await Promise.allSettled(running);
  for (const end of ends) expect(end).toMatchObject({ reason: { name: 'AbortError' } });
});
