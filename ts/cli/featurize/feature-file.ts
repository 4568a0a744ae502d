import { writeFileAtomic } from '../../common/atomic-file';
import { jsonParts } from '../../common/json';
import { NpyWriter } from '../../common/npy';
import { SafetensorsWriter } from '../../common/safetensors';
import { giveTurnIfDue } from '../../common/turns';
import type { Precision } from '../../representations';

/** A file of features that is written some rows at a time. */
export interface FeatureFile {
  /** Appends whole rows, in the precision of the file. */
  write(rows: Float64Array | Float32Array): Promise<void>;
  /** Completes the file, and its labels. */
  close(): Promise<void>;
  /** Removes what was written; harmless after {@link close}. */
  discard(): Promise<void>;
}

export interface FeatureFileOptions {
  readonly rows: number;
  readonly columns: number;
  readonly precision: Precision;
  /** What rows and columns are; anything that JSON can hold. */
  readonly labels: Readonly<Record<string, unknown>>;
}

/** The formats by the ending of the file's name. */
export const featureFormats = {
  /** NumPy, labels beside it in `OUT.labels.json`. */
  '.npy': openNpy,
  /** Safetensors: tensor `features`, labels as JSON under `labels` in the metadata. */
  '.safetensors': openSafetensors,
} as const;

export type FeatureFormat = keyof typeof featureFormats;

/** `OUT.labels.json` for `OUT.npy`. */
export function labelsFile(path: string): string {
  return path.replace(/\.npy$/, '.labels.json');
}

const elementTypes = { float64: 'f64', float32: 'f32' } as const;

async function openNpy(path: string, options: FeatureFileOptions): Promise<FeatureFile> {
  const writer = await NpyWriter.create(path, elementTypes[options.precision], [options.columns]);
  return {
    write: (rows) => writer.write(rows),
    close: async () => {
      await writeFileAtomic(labelsFile(path), encoded(jsonParts(options.labels)));
      await writer.close();
    },
    discard: () => writer.discard(),
  };
}

async function openSafetensors(
  path: string,
  { rows, columns, precision, labels }: FeatureFileOptions,
): Promise<FeatureFile> {
  const specs = new Map([['features', { type: elementTypes[precision], shape: [rows, columns] }]]);
  const parts: string[] = [];
  for (const part of jsonParts(labels)) {
    parts.push(part);
    await giveTurnIfDue();
  }
  return SafetensorsWriter.create(path, specs, { labels: parts.join('') });
}

function* encoded(parts: Iterable<string>): Generator<Uint8Array> {
  for (const part of parts) yield Buffer.from(part);
}
