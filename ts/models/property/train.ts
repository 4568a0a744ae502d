import { checkOptions } from '../../common/options';
import type { KeysOf } from '../../common/options';
import { checkedStructures } from '../../structures/input';
import type { StructureLike } from '../../structures/structure';
import { noteOnAmplitude } from '../amplitude';
import type { TrainingProgress } from '../fit';
import { weightsAmong } from '../sample-weights';
import { calibrated } from './calibrated';
import { findScatter } from './closed-form';
import { checkPropertyConfig } from './config';
import type { PropertyConfig } from './config';
import { judge } from './judge';
import type { PropertyModel } from './property-model';
import type { PropertyParts } from './parts';
import { notesOn, together } from './outliers';
import { modelParts, prepare } from './prepare';
import { PropertyProcess } from './process';
import { checkPropertyTest } from './test-structures';

/** How to train a {@link PropertyModel}. */
export interface PropertyTrainOptions {
  readonly config?: PropertyConfig | undefined;
  /** Structures that are only evaluated, at the end. */
  readonly validation?: readonly StructureLike[] | undefined;
  readonly threads?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: TrainingProgress) => void) | undefined;
}

const trainKeys: KeysOf<PropertyTrainOptions> = {
  config: true,
  validation: true,
  threads: true,
  signal: true,
  onProgress: true,
};

/** See {@link PropertyModel.train}. `make` turns parts into a model, here also on the way. */
export async function trainProperty(
  input: readonly StructureLike[],
  target: string,
  options: PropertyTrainOptions,
  make: (parts: PropertyParts) => PropertyModel,
): Promise<PropertyModel> {
  const start = performance.now();
  const { validation, threads, signal, onProgress } = checkOptions(options, trainKeys);
  const run = { threads, signal };
  const report = onProgress ?? (() => undefined);
  const config = checkPropertyConfig(options.config);
  const given = await checkedStructures(input, signal);
  // A label that is missing there would otherwise cost the whole training.
  const tests =
    validation === undefined
      ? undefined
      : await checkPropertyTest(validation, 'validation', given, target, config, signal);
  const unweighted = await prepare(given, target, config, { ...run, report });
  const scatter = await findScatter(unweighted, run);
  const weights = together(scatter.outliers, unweighted.weights);
  const notes = [...unweighted.notes, ...notesOn(scatter.outliers, unweighted)];
  const prepared = { ...unweighted, notes };
  const {
    structures,
    isHeldOut,
    groups,
    sampleWeights,
    target: { per },
  } = prepared;
  const indices = [...structures.keys()];

  const gathered = await PropertyProcess.create(prepared, { ...run, weights });
  let added = 0;
  for (let group = 0; group < groups.count; group++) {
    const own = indices.filter((s) => groups.of[s] === group);
    const onProgress = (done: number) =>
      report({ stage: 'kernel', done: added + done, total: indices.length });
    await gathered.add(own, { ...run, group, onProgress });
    added += own.length;
  }
  report({ stage: 'noise', done: 0, total: 1 });
  const noise = scatter.noise ?? (await gathered.findNoise(run));

  const progress = (done: number) => report({ stage: 'errors', done, total: 3 });
  progress(0);
  const withoutHeldOut = await gathered.learn(noise, false, run);
  const judged = await judge(
    make(modelParts(prepared, withoutHeldOut, noise, 1)),
    structures.filter((_, s) => isHeldOut(s)),
    sampleWeights && weightsAmong(sampleWeights, structures, per, isHeldOut),
    run,
  );
  progress(1);
  const learned = await gathered.learn(noise, true, run);
  const amplitude = judged?.amplitude ?? (await gathered.likeliestAmplitude(noise, run));
  const raw = make(modelParts(prepared, learned, noise, amplitude));
  const isGuess = judged?.amplitude === undefined && learned.length > 0 && raw.members === 0;
  const training = await raw.evaluate(structures, { ...run, members: raw.members > 0 });
  const final = { ...raw.parts, fitted: calibrated(raw.parts.fitted, prepared, training) };
  const model = make(final);
  progress(2);
  const validated = tests && (await model.evaluate(tests, run));
  progress(3);
  return make({
    ...final,
    summary: {
      ...final.summary,
      notes: [...notes, ...(judged?.notes ?? []), ...(isGuess ? [noteOnAmplitude()] : [])],
      training: training.errors,
      ...(judged && { heldOut: judged.errors }),
      ...(validated && { validation: validated.errors }),
      seconds: (performance.now() - start) / 1000,
      peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
    },
  });
}
