import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';

import { writeFileAtomic } from '../../common/atomic-file';
import { elementWeights } from '../../density/channels';
import type { ResolvedChannels } from '../../density/channels';
import { InvalidInputError } from '../../errors';
import { loadModel } from '../../models';
import { elementMapSvg, elementsReport, renderReport } from '../../report';
import { chemicalSymbols } from '../../structures/elements';
import { countFlag, jsonFlag } from '../flags';
import { checkOutputs } from '../inputs';
import { say, writeJson } from '../io';
import type { Io } from '../io';

interface ElementsFlags {
  readonly output: string;
  readonly term?: number;
  readonly colour: 'group' | 'electronegativity';
  readonly json?: true;
}

export function addElements(program: Command, io: Io): void {
  program
    .command('elements')
    .description('draw how alike the elements are to a model whose channels mix them')
    .argument('<MODEL>', 'file of a model')
    .addOption(
      new Option(
        '-o, --output <OUT>',
        'page of maps (.html), one map (.svg), or the weights (.json)',
      )
        .argParser(elementsFile)
        .makeOptionMandatory(),
    )
    .addOption(
      countFlag(
        '--term <N>',
        'which term of the kernel, counted from 1 (default: the first that mixes elements)',
        1,
      ),
    )
    .option('--color <name>', 'of the .svg: group or electronegativity', parseColour, 'group')
    .addOption(jsonFlag())
    .action((model: string, { color, ...flags }: ElementsFlags & { readonly color: Colour }) =>
      draw(model, { ...flags, colour: color }, io),
    );
}

type Colour = ElementsFlags['colour'];

async function draw(model: string, { output, term, colour, json }: ElementsFlags, io: Io) {
  await checkOutputs([output], [model]);
  const weights = weightsOf(await mixedTerms(model), term, model);
  const contents = output.endsWith('.svg')
    ? await elementMapSvg({ weights, colour })
    : output.endsWith('.json')
      ? `${JSON.stringify(weights, null, 2)}\n`
      : await renderReport(elementsReport(weights, { title: `Elements of ${model}`, source: '' }));
  await writeFileAtomic(output, [Buffer.from(contents)]);
  if (json) writeJson(io.stdout, { model, output, weights });
  else say(io.stdout, `${output} written`);
}

/** Representations of a model, each with what its elements give to channels. */
async function mixedTerms(file: string) {
  const model = await loadModel(file);
  const terms = model.kind === 'property' ? model.config.terms : [model.config];
  return terms.map(({ representation }) => {
    const { channels, species } = representation as {
      readonly channels?: ResolvedChannels;
      readonly species: readonly number[];
    };
    return channels && elementWeights(channels, species);
  });
}

function weightsOf(
  terms: Awaited<ReturnType<typeof mixedTerms>>,
  term: number | undefined,
  model: string,
): Record<string, readonly number[]> {
  const mixing = terms.flatMap((mixed, index) => (mixed ? [index + 1] : []));
  if (mixing.length === 0) {
    throw new InvalidInputError(
      `${model}: no term has channels that mix elements; train with "channels"`,
    );
  }
  const mixed = terms[(term ?? mixing[0]!) - 1];
  if (!mixed) {
    throw new InvalidInputError(
      `${model} has ${terms.length} term${terms.length > 1 ? 's' : ''}, of which elements are mixed by ${mixing.join(', ')}; got ${term}`,
      { path: '--term' },
    );
  }
  return Object.fromEntries(
    mixed.species.map((number, a) => [chemicalSymbols[number]!, mixed.rows[a]!]),
  );
}

function elementsFile(name: string): string {
  if (/\.(html|svg|json)$/.test(name)) return name;
  throw new InvalidArgumentError('Expected a name that ends in .html, .svg or .json.');
}

function parseColour(text: string): Colour {
  if (text === 'group' || text === 'electronegativity') return text;
  throw new InvalidArgumentError('Expected group or electronegativity.');
}
