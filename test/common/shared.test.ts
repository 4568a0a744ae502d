import { Shared } from '../../ts/common/shared';
import { failing } from '../failing';

test('is made once for all who ask', async () => {
  let made = 0;
  const shared = new Shared(async () => {
    await Promise.resolve();
    return ++made;
  });
  expect(made).toBe(0);
  expect(await Promise.all([shared.get(), shared.get(), shared.get()])).toEqual([1, 1, 1]);
  expect(await shared.get()).toBe(1);
});

test('is made anew after a failure', async () => {
  const makes = [() => Promise.reject(new Error('no memory')), () => Promise.resolve('there')];
  const shared = new Shared(() => makes.shift()!());
  await expect(shared.get()).rejects.toThrow('no memory');
  expect(await shared.get()).toBe('there');
});

test('who stops waiting does not stop the others', async () => {
  let finish: (value: string) => void = () => undefined;
  const shared = new Shared(() => new Promise<string>((resolve) => (finish = resolve)));
  const controller = new AbortController();
  const { signal } = controller;
  const [first, second] = [shared.get({ signal }), shared.get()];
  controller.abort(new Error('enough'));
  await expect(first).rejects.toEqual(failing({ code: 'ABORTED' }));
  finish('there');
  expect(await second).toBe('there');
  await expect(shared.get({ signal })).rejects.toEqual(failing({ code: 'ABORTED' }));
});

test('who cannot wait has it made at once, for all', async () => {
  let made = 0;
  const shared = new Shared(() => Promise.resolve(++made));
  expect(shared.getSync(() => 10)).toBe(10);
  expect(shared.getSync(() => 20)).toBe(10);
  expect(await shared.get()).toBe(10);
  expect(made).toBe(0);
});

test('who cannot wait is given what others have waited for, or are waiting for', async () => {
  const shared = new Shared(() => Promise.resolve('waited for'));
  expect(await shared.get()).toBe('waited for');
  expect(shared.getSync(() => 'at once')).toBe('waited for');

  const another = new Shared(() => Promise.resolve('waited for'));
  const waiting = another.get();
  expect(another.getSync(() => 'at once')).toBe('at once');
  expect(await waiting).toBe('at once');
});
