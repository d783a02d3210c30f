// Browser journeys: starts the binary in demonstration on a free port with a fresh folder, then runs every file of
// journeys/ against it. `node run.mjs [words of file names…]`
//   MAILLAGE_BIN       the binary (else ../target/release or ../target/debug)
//   MAILLAGE_CHROMIUM  the browser (else the usual places)
//   MAILLAGE_URL       an instance already running, instead of starting one

import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { start } from './lib/serveur.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const words = process.argv.slice(2);
const files = readdirSync(join(here, 'journeys'))
  .filter((file) => file.endsWith('.mjs') && (words.length === 0 || words.some((word) => file.includes(word))))
  .map((file) => join(here, 'journeys', file));
if (files.length === 0) {
  console.error(`Aucun parcours ne porte ce nom : ${words.join(', ')}`);
  process.exit(2);
}
rmSync(join(here, 'results'), { recursive: true, force: true });
mkdirSync(join(here, 'results'), { recursive: true });

const server = process.env.MAILLAGE_URL ? { url: process.env.MAILLAGE_URL, stop: async () => [] } : await start();
const code = await new Promise((resolve) => {
  const child = spawn(process.execPath, ['--test', '--test-concurrency=1', '--test-reporter=spec', '--test-timeout=1500000', ...files], {
    cwd: here,
    env: { ...process.env, MAILLAGE_URL: server.url },
    stdio: 'inherit',
  });
  child.on('exit', (status) => resolve(status ?? 1));
});
const complaints = await server.stop();
if (complaints.length > 0) console.error(`Le serveur s’est plaint :\n${complaints.join('\n')}`);
process.exit(code !== 0 || complaints.length > 0 ? 1 : 0);
