// A web server that predicts: POST a structure as JSON, get its energy, forces and the standard deviation of the energy.
// Predictions run off the event loop; who hangs up stops theirs.
//
//     node server.mjs MODEL.soapstone 8080     serves until Ctrl-C
//     node server.mjs                          trains a small potential, asks itself a few things, and ends

import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

import { Potential, readStructures, SoapstoneError } from 'soapstone';

const [model, port = '0'] = process.argv.slice(2);
const data = fileURLToPath(new URL('data/', import.meta.resolve('soapstone/package.json')));
const potential = model ? await Potential.load(model) : await trainSmall();

async function trainSmall() {
  const config = {
    representation: { cutoff: { radius: 4 }, basis: { maxAngular: 3, radial: { count: 4 } } },
    kernel: { zeta: 2 },
    sparse: { count: 200 },
  };
  const structures = await readStructures(`${data}water-train.xyz`);
  return (await Potential.train(structures, { config })).potential;
}

const server = createServer(async (request, response) => {
  const hangUp = new AbortController();
  response.on('close', () => hangUp.abort());
  const answer = (status, body) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  try {
    const structure = JSON.parse(await text(request));
    // Requests come side by side, so each prediction has one thread.
    const options = { uncertainty: true, threads: 1, signal: hangUp.signal };
    const [{ energy, forces, energyUncertainty }] = await potential.predict([structure], options);
    answer(200, { energy, forces: Array.from(forces), energyUncertainty });
  } catch (error) {
    // Typed errors say what is wrong with the structure; nothing else is for the client.
    const known = SoapstoneError.is(error) || error instanceof SyntaxError;
    if (!hangUp.signal.aborted) answer(known ? 400 : 500, { error: known ? error.message : '' });
  }
});
await once(server.listen(Number(port)), 'listening');
const url = `http://localhost:${server.address().port}`;
console.log(model ? `predictions at ${url}` : 'the server is up');

if (!model) {
  const ask = async (structure) => {
    const response = await fetch(url, { method: 'POST', body: JSON.stringify(structure) });
    return { status: response.status, ...(await response.json()) };
  };
  const positions = [0, 0, 0, 0.96, 0, 0, -0.24, 0.93, 0];
  const { status, energy, energyUncertainty } = await ask({ species: ['O', 'H', 'H'], positions });
  console.log(`${status}: ${energy.toFixed(2)} ± ${energyUncertainty.toFixed(2)} eV`);
  const wrong = await ask({ species: ['O', 'H', 'He'], positions });
  console.log(`${wrong.status}: ${wrong.error}`);
  const many = Array.from({ length: 100 }, () => ask({ species: ['O', 'H', 'H'], positions }));
  const equal = (await Promise.all(many)).filter((each) => each.energy === energy).length;
  console.log(`${equal} of 100 requests at once: the same energy to the last bit`);
  server.close();
}
