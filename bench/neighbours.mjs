// Full neighbour lists beside vesin and matscipy. No target of its own: it is part of all other times.

import { agreementRow, speedRows } from './common/comparison.mjs';
import { inTurn, ours, runProgram } from './common/programs.mjs';
import { workload } from './common/workloads.mjs';
import { peer, peersInstalled } from './peers/peer.mjs';

export const title = 'Neighbour list: 5 Å, one thread each';

export async function run({ rounds, runs, log }) {
  const rows = [];
  const measurements = [];
  const flags = { radius: 5, threads: 1, runs };
  for (const name of ['silicon-large', 'water-large']) {
    log(name);
    const file = await workload(name);
    const results = await inTurn(
      {
        soapstone: () => runProgram(ours('neighbours.mjs', file), flags),
        ...(peersInstalled() && {
          vesin: () => runProgram(peer('vesin_neighbours.py', file), flags),
          matscipy: () => runProgram(peer('matscipy_neighbours.py', file), flags),
        }),
      },
      rounds,
    );
    const what = `${name}, ${results.soapstone[0].atoms} atoms`;
    rows.push(...speedRows(what, results, { scale: 1e9, unit: 'ns/pair' }));
    for (const [program, [theirs]] of Object.entries(results).slice(1)) {
      const mine = results.soapstone[0];
      rows.push(agreementRow(`${what}: pairs against ${program}`, [mine.norm], [theirs.norm], 0));
    }
    measurements.push(...Object.values(results).flat());
  }
  return { rows, measurements };
}
