// npm run clean: removes what the other scripts make (but not what they fetched, in vendor/).

import { rmSync } from 'node:fs';
import path from 'node:path';

import { root } from './project.mjs';

for (const folder of ['build', 'coverage', 'dist', 'prebuilds']) {
  rmSync(path.join(root, folder), { recursive: true, force: true });
}
