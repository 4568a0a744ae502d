import { mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { cli, temporaryFolder } from './support';

const folder = temporaryFolder();
const frame = folder.write('frame.xyz', '1\nenergy=1\nH 0 0 0\n');
const model = folder.write('model.soapstone', 'not read before outputs are checked');
const config = folder.write('config.json', '{}');
const other = folder.write('other.xyz', '1\nenergy=2\nO 0 0 0\n');
const link = folder.file('link.xyz');
symlinkSync(frame, link);
mkdirSync(folder.file('real'));
symlinkSync(folder.file('real'), folder.file('alias'));
const [real, alias] = ['real', 'alias'].map((name) => folder.file(path.join(name, 'new.xyz')));
const labels = folder.write('features.labels.json', '{}');
const same = folder.file('same');

const asConfig = ['--config', config];
const asBoth = /same cannot be two outputs at once: name another file\n$/;
const asInput = /is to be read and cannot be the output too\n$/;

test.each<[string, string[], RegExp]>([
  ['train', [frame, '-o', frame], asInput],
  ['train', [frame, '--validation', other, '-o', other], asInput],
  ['train', [frame, ...asConfig, '-o', same, '--report', config], asInput],
  ['train', [frame, '-o', same, '--report', same], asBoth],
  ['train', [frame, '--target', 'energy', '-o', same, '--report', same], asBoth],
  ['train', [frame, '-o', link], /frame.xyz, which is the same file as .*link.xyz, is to be read/],
  ['evaluate', [model, frame, '--report', model], asInput],
  ['predict', [model, frame, '-o', model], asInput],
  ['predict', [model, frame, '-o', frame], asInput],
  ['predict', [model, link, '-o', frame], asInput],
  ['select', [model, frame, '--count', '1', '-o', same, '--rest', same], asBoth],
  ['select', [model, frame, '--count', '1', '-o', same, '--rest', frame], asInput],
  ['select', [model, frame, '--count', '1', '-o', real!, '--rest', alias!], /two outputs at once/],
  ['optimize', [frame, ...asConfig, '-o', config], asInput],
  ['optimize', [frame, ...asConfig, '-o', same, '--state', same], asBoth],
  ['optimize', [frame, ...asConfig, '-o', same, '--state', frame], asInput],
  ['learning-curve', [frame, '--sizes', '1', '--test', other, '--report', other], asInput],
  ['featurize', [frame, '--config', labels, '-o', folder.file('features.npy')], asInput],
  ['map', [frame, ...asConfig, '-o', config], asInput],
  ['map', [frame, '--model', labels, '-o', labels], asInput],
  ['map', [frame, '-o', folder.file('a.html'), '-o', folder.file('a.html')], /two outputs at once/],
  ['basis', [...asConfig, '-o', config], asInput],
  ['elements', [labels, '-o', labels], asInput],
  ['demo', ['-o', frame], /cannot write .*frame\.xyz: it is there and is no directory\n$/],
  ['demo', ['-o', path.join(frame, 'inside')], /a part of the path is not a directory\n$/],
])('%#: %s refuses, and all files are as they were', async (command, args, message) => {
  const read = () =>
    readdirSync(folder.path).map((name) =>
      /\./.test(name) ? [name, readFileSync(folder.file(name), 'utf8')] : name,
    );
  const before = read();
  const { code, stdout, stderr } = await cli([command, ...args]);
  expect(stderr).toMatch(message);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(read()).toEqual(before);
});
