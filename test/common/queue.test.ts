import { setTimeout as after } from 'node:timers/promises';

import { Queue } from '../../ts/common/queue';

test('calls run one after the other in their order, those behind one that fails too', async () => {
  const queue = new Queue();
  const events: string[] = [];
  const call = (name: string, milliseconds: number, fails = false) =>
    queue.run(async () => {
      events.push(`${name} begins`);
      await after(milliseconds);
      events.push(`${name} ends`);
      if (fails) throw new Error(name);
      return name;
    });
  const outcomes = await Promise.allSettled([call('a', 20), call('b', 5, true), call('c', 0)]);
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(events).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
  expect(await call('d', 0)).toBe('d');
});

test('what throws before it awaits anything is a rejection too', async () => {
  const queue = new Queue();
  const failing = queue.run(() => {
    throw new Error('at once');
  });
  await expect(failing).rejects.toThrow('at once');
  expect(await queue.run(() => Promise.resolve(1))).toBe(1);
});
