import { createServer } from 'node:net';
import { readStructures } from '../../ts/structures/extxyz';
import { cli, cliJson, data, smallConfig, temporaryFolder } from './support';

const folder = temporaryFolder();
const model = folder.file('water.soapstone');
const water = data('water-test.xyz');

beforeAll(async () => {
  const config = folder.write('small.json', smallConfig);
  await cliJson('train', water, '--config', config, '-o', model);
});

test('answers a program until it ends', async () => {
  const [first] = await readStructures(water);
  const { positions, length } = first!;
  const asked = Buffer.alloc(12 + 144 + 4 + 24 * length + 12, ' ');
  asked.write('POSDATA');
  asked.fill(0, 12, 156);
  asked.writeInt32LE(length, 156);
  positions.forEach((x, i) => asked.writeDoubleLE(x / 0.529177210544, 160 + 8 * i));
  asked.write('GETFORCE    ', asked.length - 12);

  // FORCEREADY, energy, N, forces, virial and the length of the text that follows.
  const head = 12 + 8 + 4 + 24 * length + 72 + 4;
  let answer = Buffer.alloc(0);
  const server = createServer((program) => {
    program.write(asked);
    program.on('data', (chunk: Buffer) => {
      answer = Buffer.concat([answer, chunk]);
      const whole = answer.length >= head && answer.length >= head + answer.readInt32LE(head - 4);
      if (whole) program.end('EXIT        ');
    });
  });
  const socket = folder.file('socket');
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  try {
    const args = ['drive', model, water, '--unix', socket, '--extras'];
    const result = await cliJson<{ steps: number; atoms: number }>(...args);
    expect(result).toEqual({ steps: 1, atoms: length, seconds: expect.any(Number) });
  } finally {
    server.close();
  }
  expect(answer.toString('latin1', 0, 12)).toBe('FORCEREADY  ');
  await cliJson('predict', model, water, '-o', folder.file('predicted.xyz'));
  const [predicted] = await readStructures(folder.file('predicted.xyz'));
  const hartree = 27.211386245981;
  expect(answer.readDoubleLE(12) * hartree).toBeCloseTo(predicted!.info.energy as number, 8);
  const extras = JSON.parse(answer.toString('utf8', head)) as object;
  expect(extras).toEqual({
    energy_uncertainty: expect.closeTo((predicted!.info.energy_uncertainty as number) / hartree, 8),
  });
});

test('says where nobody listens, and what is wrong with its flags', async () => {
  const nobody = await cli(['drive', model, water, '--unix', folder.file('x'), '--wait', '0']);
  expect(nobody).toMatchObject({
    code: 1,
    stderr: `connecting to ${folder.file('x')}\nerror: address: no program listens at ${folder.file('x')}: start it first, or wait longer\n`,
  });
  expect(await cli(['drive', model, water, '--unix', 'a', '--port', '5'])).toMatchObject({
    code: 2,
  });
  expect(await cli(['drive', model, water, '--port', '70000'])).toMatchObject({ code: 1 });
});

test('refuses elements that the potential does not know before it connects', async () => {
  const silicon = folder.write('silicon.xyz', '1\nProperties=species:S:1:pos:R:3\nSi 0 0 0\n');
  const { code, stderr } = await cli(['drive', model, silicon, '--unix', folder.file('x')]);
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('Si') });
});
