import { writeFileAtomic } from '../../common/atomic-file';
import { NpyWriter } from '../../common/npy';
import { SafetensorsWriter } from '../../common/safetensors';

/** A file of features that is written some rows at a time. */
export interface FeatureFile {
  /** Appends whole rows. */
  write(rows: Float64Array): Promise<void>;
  /** Completes the file, and its labels. */
  close(): Promise<void>;
  /** Removes what was written; harmless after {@link close}. */
  discard(): Promise<void>;
}

export interface FeatureFileOptions {
  readonly rows: number;
  readonly columns: number;
  /** What rows and columns are; anything that JSON can hold. */
  readonly labels: object;
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

async function openNpy(path: string, options: FeatureFileOptions): Promise<FeatureFile> {
  const writer = await NpyWriter.create(path, 'f64', [options.columns]);
  return {
    write: (rows) => writer.write(rows),
    close: async () => {
      await writeFileAtomic(labelsFile(path), [Buffer.from(JSON.stringify(options.labels))]);
      await writer.close();
    },
    discard: () => writer.discard(),
  };
}

async function openSafetensors(
  path: string,
  { rows, columns, labels }: FeatureFileOptions,
): Promise<FeatureFile> {
  const specs = new Map([['features', { type: 'f64' as const, shape: [rows, columns] }]]);
  return SafetensorsWriter.create(path, specs, { labels: JSON.stringify(labels) });
}
