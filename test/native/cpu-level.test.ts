import { supportedCpuLevels } from '../../ts/native/cpu-level';

const v2 = ['sse4_2', 'popcnt'];
const v3 = [...v2, 'avx2', 'fma', 'bmi2', 'f16c', 'movbe'];
const v4 = [...v3, 'avx512f', 'avx512bw', 'avx512cd', 'avx512dq', 'avx512vl'];

test.each([
  ['v2', v2, ['x86-64-v2']],
  ['v3', v3, ['x86-64-v3', 'x86-64-v2']],
  ['v4', v4, ['x86-64-v4', 'x86-64-v3', 'x86-64-v2']],
  ['v4 without a feature of v3', v4.filter((flag) => flag !== 'fma'), ['x86-64-v2']],
  ['unknown', [], ['x86-64-v2']],
])('a CPU with the features of %s runs %s', (_, features, levels) => {
  expect(supportedCpuLevels('x64', new Set(features))).toEqual(levels);
});

test('other architectures', () => {
  expect(supportedCpuLevels('arm64')).toEqual(['armv8-a']);
  expect(supportedCpuLevels('riscv64')).toEqual([]);
});

test('this machine runs some level', () => {
  expect(supportedCpuLevels().length).toBeGreaterThan(0);
});
