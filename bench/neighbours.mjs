// Full neighbour lists beside vesin and matscipy.

import { agreementRow, speedRows } from './common/comparison.mjs';
import { inTurn, ours, runProgram } from './common/programs.mjs';
import { workload } from './common/workloads.mjs';
import { peer, peersInstalled } from './peers/peer.mjs';

export const title = 'Neighbour list: 5 Å';

const target = { vesin: 2, matscipy: 5 };

export async function run({ rounds, runs, all, log }) {
  const rows = [];
  const measurements = [];
  for (const name of ['silicon-large', 'water-large']) {
    const file = await workload(name);
    // matscipy has no threads.
    for (const [threads, goal] of [[1, { target, aim: '4×' }], ...(all > 1 ? [[all, {}]] : [])]) {
      const flags = { radius: 5, threads, runs };
      const start = (program) => () => runProgram(program, flags);
      const label = threads > 1 ? `${name}, ${threads} threads` : name;
      log(label);
      const { again, ...results } = await inTurn(
        {
          soapstone: start(ours('neighbours.mjs', file)),
          again: () => runProgram(ours('neighbours.mjs', file), { ...flags, memory: 'again' }),
          ...(peersInstalled() && { vesin: start(peer('vesin_neighbours.py', file)) }),
          ...(peersInstalled() &&
            threads === 1 && { matscipy: start(peer('matscipy_neighbours.py', file)) }),
        },
        rounds,
      );
      const [mine] = results.soapstone;
      const what = `${label}, ${mine.atoms} atoms`;
      const units = { scale: 1e9, unit: 'ns/pair' };
      rows.push(...speedRows(what, results, { ...goal, ...units }));
      const kept = { ...results, soapstone: again };
      rows.push(...speedRows(`${what}, memory used again`, kept, units));
      for (const [program, [theirs]] of Object.entries(results).slice(1)) {
        rows.push(agreementRow(`${what}: pairs against ${program}`, [mine.norm], [theirs.norm], 0));
      }
      measurements.push(...Object.values(results).flat(), ...again);
    }
  }
  return { rows, measurements };
}
