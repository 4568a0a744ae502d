import { AbortError, FormatError, fromNative, SoapstoneError, throwIfAborted } from '../ts/errors';

test.each([
  ['INVALID_INPUT', 'InvalidInputError'],
  ['FORMAT', 'FormatError'],
  ['MEMORY_LIMIT', 'MemoryLimitError'],
  ['NUMERICAL', 'NumericalError'],
  ['ABORTED', 'AbortError'],
])('the native code %s is a %s with the stack of the caller', (code, name) => {
  const callSite = new Error();
  const error = fromNative({ code, message: 'what happened' }, callSite);
  expect(error).toMatchObject({ name, code, message: 'what happened' });
  expect(SoapstoneError.is(error)).toBe(true);
  const frames = callSite.stack!.slice(callSite.stack!.indexOf('\n    at '));
  expect(error.stack).toBe(`${name}: what happened${frames}`);
});

test('anything else from native code is an internal error that keeps its cause', () => {
  for (const thrown of [new TypeError('x'), { message: 'x' }, 'x', undefined]) {
    const error = fromNative(thrown);
    expect(error).toMatchObject({ code: 'INTERNAL', cause: thrown });
    expect(error.message).toMatch(/^Internal error, please report it: (x|undefined)$/);
  }
  const known = new FormatError('x');
  expect(fromNative(known)).toBe(known);
});

test('a format error says where', () => {
  const error = new FormatError('bad', { file: 'a.xyz', frame: 0, line: 2 });
  expect(error.message).toBe('a.xyz, frame 0 (counted from 0), line 2: bad');
  expect(new FormatError('bad').message).toBe('bad');
});

test('an aborted signal is an AbortError with its reason', () => {
  expect(() => throwIfAborted(undefined)).not.toThrow();
  expect(() => throwIfAborted(AbortSignal.abort('why'))).toThrow(AbortError);
  expect(new AbortError().name).toBe('AbortError');
});
