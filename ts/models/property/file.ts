import { readModel, writeModel } from '../container';
import type { ModelContents, ModelKind } from '../container';
import type { Tensor } from '../../common/safetensors';
import type { FittedPart, PropertyParts } from './parts';
import { featuresKeys } from './references';

/*
 * The tensors of a property model with M reference environments (or structures) are
 *
 *   species               M                   I32  atomic numbers of the reference environments
 *   offsets               structures + 1      I32  where each reference structure begins; with the full kernel only
 *   features.<t>          M × F               F32  invariants of term t
 *   features.<t>.<λ>      M × (2λ + 1) F      F32  features of term t that turn like λ (`.pseudo` for pseudotensors)
 *   weights.<p>           M (2λ + 1) × T      F64  of part p
 *   posterior.<p>         packed triangle     F32  of part p
 *   members.<p>           M (2λ + 1) × N T    F64  of part p, for a committee of N members
 */

interface PartMetadata extends Pick<
  FittedPart,
  'lambda' | 'sigma' | 'copies' | 'centre' | 'scale'
> {
  /** Number of rows of the weights. */
  readonly size: number;
}

export const propertyKind: ModelKind = {
  kind: 'soapstone-property',
  version: 2,
  metadata: ['amplitude', 'baseline', 'configuration', 'parts', 'summary', 'target'],
  tensors: (metadata) => {
    const config = metadata.configuration as PropertyParts['config'];
    const { per } = metadata.target as PropertyParts['target'];
    const parts = metadata.parts as readonly PartMetadata[];
    const committee = config.uncertainty.type === 'committee' ? ['members'] : [];
    const wholes = config.regression.type === 'full' && per === 'structure';
    return [
      'species',
      ...(wholes ? ['offsets'] : []),
      ...featuresKeys(config.terms.length, parts),
      ...parts.flatMap((_, p) => ['weights', 'posterior', ...committee].map((t) => `${t}.${p}`)),
    ];
  },
};

/** Writes the parts of a model. */
export async function saveProperty(path: string, parts: PropertyParts): Promise<void> {
  const { config, target, summary, baseline, amplitude, references, fitted } = parts;
  const { species, offsets, features } = references;
  const tensors = new Map<string, Tensor>([
    ['species', { data: species, shape: [species.length] }],
  ]);
  if (offsets) tensors.set('offsets', { data: offsets, shape: [offsets.length] });
  for (const [key, data] of features) {
    tensors.set(key, { data, shape: [species.length, data.length / Math.max(1, species.length)] });
  }
  for (const [p, { weights, posterior, members }] of fitted.entries()) {
    tensors.set(`weights.${p}`, { data: weights.values, shape: weights.shape });
    tensors.set(`posterior.${p}`, { data: posterior, shape: [posterior.length] });
    if (members) tensors.set(`members.${p}`, { data: members.values, shape: members.shape });
  }
  const metadata = {
    configuration: config,
    target,
    summary,
    baseline,
    amplitude,
    parts: fitted.map(({ lambda, sigma, copies, centre, scale, weights }) => ({
      lambda,
      sigma,
      copies,
      centre,
      scale,
      size: weights.shape[0],
    })),
  };
  await writeModel(path, {
    kind: propertyKind.kind,
    version: propertyKind.version,
    metadata,
    tensors,
  });
}

/** Reads the parts of a model. @throws FormatError saying what is wrong with the file. */
export async function loadProperty(path: string): Promise<PropertyParts> {
  return propertyParts(await readModel(path, [propertyKind]));
}

/** The parts of a model in what a file holds. */
export function propertyParts({ metadata, tensors }: ModelContents): PropertyParts {
  const config = metadata.configuration as PropertyParts['config'];
  const parts = metadata.parts as readonly PartMetadata[];
  const offsets = tensors.get('offsets')?.data as Int32Array | undefined;
  const keys = featuresKeys(config.terms.length, parts);
  return {
    config,
    target: metadata.target as PropertyParts['target'],
    summary: metadata.summary as PropertyParts['summary'],
    baseline: metadata.baseline as PropertyParts['baseline'],
    amplitude: metadata.amplitude as number,
    references: {
      species: tensors.get('species')!.data as Int32Array,
      ...(offsets && { offsets }),
      features: new Map(keys.map((key) => [key, tensors.get(key)!.data as Float32Array])),
    },
    fitted: parts.map(({ size, ...part }, p) => {
      const members = tensors.get(`members.${p}`)?.data as Float64Array | undefined;
      return {
        ...part,
        weights: {
          values: tensors.get(`weights.${p}`)!.data as Float64Array,
          shape: [size, part.copies],
        },
        posterior: tensors.get(`posterior.${p}`)!.data as Float32Array,
        ...(members && { members: { values: members, shape: [size, members.length / size] } }),
      };
    }),
  };
}
