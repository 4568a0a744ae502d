import { checkOptions } from '../common/options';
import { checkWeights, elementMap, elementPlaces } from './charts/element-map';
import type { ElementMapData } from './charts/element-map';
import type { ReportData } from './data';

/**
 * What channels say about elements, as a report for {@link renderReport}: maps of the elements, coloured by group and by
 * electronegativity, and which are most alike.
 *
 * @param given u: for each chemical symbol a number for each channel.
 * @throws InvalidInputError naming what is wrong.
 */
export function elementsReport(
  given: ElementMapData['weights'],
  options: { readonly title?: string; readonly source?: string } = {},
): ReportData {
  const keys = { title: true, source: true } as const;
  const { title = 'Elements', source = '' } = checkOptions(options, keys);
  const weights = checkWeights(given);
  const symbols = Object.keys(weights);
  const channels = weights[symbols[0]!]!.length;
  const { shown } = elementPlaces(weights);
  const axes =
    channels === 1
      ? 'The horizontal axis is the weight of the one channel; the height of a name says nothing.'
      : channels === 2
        ? 'Axes are the weights of the two channels, turned to their principal components.'
        : `Axes are the two largest principal components of the weights, which show ${(100 * shown).toFixed(0)} % of their variance.`;
  return {
    title,
    description: `What each element gives to the channels of the density.${source && ` ${source}`}`,
    summary: [
      { label: 'Elements', value: symbols.length },
      { label: 'Channels', value: channels },
    ],
    sections: [
      ...(['group', 'electronegativity'] as const).map((colour) => ({
        title: `By ${colour}`,
        paragraphs: [
          `${axes} A cell is what is nearer to its element than to any other${channels > 2 ? ' in this plane, which does not show all of their distances' : ''}.`,
        ],
        elements: { weights, colour },
      })),
      ...(symbols.length > 2
        ? [{ title: 'Most alike', paragraphs: closest(weights).map((pair) => `${pair}.`) }]
        : []),
    ],
    configuration: { weights },
  };
}

/** The map alone, as an SVG file. */
export async function elementMapSvg(data: ElementMapData): Promise<string> {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${(await elementMap(data, '#fff')).html}\n`;
}

/** How many pairs are named. */
const named = 20;

/** Pairs of elements with the least distance between their weights, in one sentence. */
function closest(weights: ElementMapData['weights']): string[] {
  const symbols = Object.keys(weights);
  const distance = (a: string, b: string) =>
    Math.hypot(...weights[a]!.map((u, j) => u - weights[b]![j]!));
  const pairs = symbols.flatMap((a, i) =>
    symbols.slice(i + 1).map((b) => ({ name: `${a}–${b}`, distance: distance(a, b) })),
  );
  pairs.sort((x, y) => x.distance - y.distance);
  return [
    pairs
      .slice(0, named)
      .map(({ name }) => name)
      .join(', '),
  ];
}
