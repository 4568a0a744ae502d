import { readAll } from '../inputs';
import { dataFile } from '../package';
import type { Structure } from '../../structures/structure';

/** The data set that the package carries. */
export interface DemoData {
  /** Isolated atoms: the zero of the energies. */
  readonly atoms: readonly Structure[];
  /** Ethanol and clusters of water. */
  readonly training: readonly Structure[];
  readonly ethanolTest: readonly Structure[];
  readonly waterTest: readonly Structure[];
}

/** Reads the data set, every n-th of its training structures. */
export async function readDemoData(stride: number, signal: AbortSignal): Promise<DemoData> {
  const read = (...names: string[]) => readAll(names.map(dataFile), signal);
  const training = await read('ethanol-train.xyz', 'water-train.xyz');
  return {
    atoms: await read('isolated-atoms.xyz'),
    training: training.filter((_, index) => index % stride === 0),
    ethanolTest: await read('ethanol-test.xyz'),
    waterTest: await read('water-test.xyz'),
  };
}
