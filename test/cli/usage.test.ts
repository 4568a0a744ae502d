import { cli, data } from './support';

const water = data('water-test.xyz');

describe('wrong usage is exit code 2 and a line that says so', () => {
  test.each([
    [[], /Usage: soapstone/],
    [['tran'], /unknown command 'tran'/],
    [['--bogus'], /unknown option '--bogus'/],
    [['train', water], /required option '-o, --output <MODEL>'/],
    [['train', '-o', 'm'], /missing required argument 'STRUCTURES'/],
    [['train', water, '-o', 'm', '--treads', '2'], /unknown option '--treads'/],
    [['train', water, '-o', 'm', '--threads', 'two'], /'--threads <N>' argument 'two' is invalid/],
    [['train', water, '-o', 'm', '--threads', '0'], /'--threads <N>' argument '0' is invalid/],
    [['train', water, '-o'], /'-o, --output <MODEL>' argument missing/],
    [['evaluate', 'm'], /missing required argument 'STRUCTURES'/],
    [['predict', 'm', water], /required option '-o, --output <OUT>'/],
    [['featurize', water, '-o', 'f.csv'], /ends in .npy or .safetensors/],
    [['featurize', water, '-o', 'f.npy', '--per', 'cell'], /Allowed choices are structure, atom/],
    [['basis'], /required option '-o, --output <OUT.html>'/],
    [['info'], /expected either the file of a model or --system/],
    [['info', 'm', '--system'], /expected either the file of a model or --system/],
    [['demo', 'now'], /too many arguments/],
  ])('%j', async (args, message) => {
    const { code, stdout, stderr } = await cli(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });
});

test('help and version go to stdout', async () => {
  const help = await cli(['--help']);
  expect(help).toMatchObject({ code: 0, stderr: '' });
  for (const name of ['train', 'evaluate', 'predict', 'featurize', 'basis', 'info', 'demo']) {
    expect(help.stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
    expect(await cli([name, '--help'])).toMatchObject({ code: 0, stderr: '' });
  }
  expect(await cli(['--version'])).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) as string,
  });
});
