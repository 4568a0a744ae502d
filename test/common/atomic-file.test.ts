import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AtomicFile, writeFileAtomic } from '../../ts/common/atomic-file';
import { readWholeFile } from '../../ts/common/files';
import { failing } from '../failing';

const folder = mkdtempSync(path.join(tmpdir(), 'atomic-'));
afterAll(() => rmSync(folder, { recursive: true }));
const bytes = Buffer.from('text');

test.each([
  ['of the most bytes that a name may have', `${'x'.repeat(251)}.xyz`],
  ['whose characters have many bytes', `${'分'.repeat(83)}é.xyz`],
])('a name %s', async (_, name) => {
  const file = path.join(folder, name);
  const writer = await AtomicFile.create(file);
  await writer.append(bytes);
  expect(readdirSync(folder)).toEqual([expect.stringMatching(/^\..*\.tmp$/)]);
  await writer.commit();
  expect(readFileSync(file)).toEqual(bytes);
  rmSync(file);
});

const full = '/dev/full';
(existsSync(full) ? test : test.skip)('a full disk is named', async () => {
  await expect(writeFileAtomic(full, [bytes])).rejects.toThrow(
    failing({
      name: 'InvalidInputError',
      message: `cannot write ${full}: no space left on the disk`,
    }),
  );
});

(process.platform === 'win32' ? test.skip : test)('a pipe is read to its end', async () => {
  const pipe = path.join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const [read] = await Promise.all([readWholeFile(pipe), writeFileAtomic(pipe, [bytes, bytes])]);
  expect(Buffer.from(read).toString()).toBe('texttext');
});
