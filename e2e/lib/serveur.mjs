// The binary in demonstration, with a folder of its own that disappears with it.

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

export function binary() {
  const target = process.env.CARGO_TARGET_DIR ?? join(root, 'target');
  const places = [process.env.MAILLAGE_BIN, join(target, 'release/maillage'), join(target, 'debug/maillage')];
  const found = places.find((place) => place && existsSync(place));
  if (!found) throw new Error('Le binaire maillage est introuvable : construisez-le, ou donnez son chemin dans MAILLAGE_BIN.');
  return found;
}

const freePort = () => new Promise((resolve, reject) => {
  const probe = createServer().once('error', reject);
  probe.listen(0, '127.0.0.1', () => {
    const { port } = probe.address();
    probe.close(() => resolve(port));
  });
});

// A library that stands between a program and the clock of its machine, where Debian puts it (package libfaketime).
const HORLOGE = ['x86_64', 'aarch64'].map((cpu) => `/usr/lib/${cpu}-linux-gnu/faketime/libfaketimeMT.so.1`).find((path) => existsSync(path));

/** Why no clock can be moved on this machine; nothing when one can. */
export const sansHorloge = HORLOGE ? false : 'il manque le paquet libfaketime';

/**
 * Starts and waits for the first page. `stop()` ends it gently and returns its lines of error. With `horloge`, its clock is
 * its own: `avancer(minutes)` moves it forward, and `decalage()` says by how many minutes it is ahead.
 */
export async function start({ horloge = false } = {}) {
  const port = await freePort();
  const data = mkdtempSync(join(tmpdir(), 'maillage-e2e-'));
  const heure = join(data, 'heure');
  let minutes = 0;
  const avancer = async (n) => {
    minutes += n;
    writeFileSync(heure, `+${minutes * 60}`);
    // It is read again each second.
    await new Promise((resolve) => { setTimeout(resolve, 2_000); });
  };
  if (horloge) writeFileSync(heure, '+0');
  const env = horloge ? { ...process.env, LD_PRELOAD: HORLOGE, FAKETIME_TIMESTAMP_FILE: heure, FAKETIME_CACHE_DURATION: '1', FAKETIME_DONT_FAKE_MONOTONIC: '1' } : process.env;
  const child = spawn(binary(), ['demo', '--petite', '--port', String(port), '--data', data], { stdio: ['ignore', 'pipe', 'pipe'], env });
  const lines = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => lines.push(...text.split('\n').filter(Boolean)));
  }
  let exited = false;
  const end = new Promise((resolve) => child.on('exit', (status, signal) => { exited = true; resolve(status ?? signal); }));
  const url = `http://localhost:${port}`;
  const deadline = Date.now() + 180_000;
  for (;;) {
    if (exited) throw new Error(`Le serveur s’est arrêté au démarrage :\n${lines.join('\n')}`);
    if (Date.now() > deadline) throw new Error(`Le serveur ne répond pas :\n${lines.join('\n')}`);
    const ready = lines.some((line) => line.includes('démonstration est prête')) && await fetch(url).then((r) => r.ok, () => false);
    if (ready) break;
    await new Promise((resolve) => { setTimeout(resolve, 150); });
  }
  return {
    url,
    avancer,
    decalage: () => minutes,
    async stop() {
      child.kill('SIGTERM');
      const status = await Promise.race([end, new Promise((resolve) => { setTimeout(() => resolve('délai'), 15_000); })]);
      if (status === 'délai') child.kill('SIGKILL');
      rmSync(data, { recursive: true, force: true });
      const complaints = lines.filter((line) => /\bERROR\b|panicked/.test(line));
      if (status !== 0) complaints.push(`arrêt : ${status}`);
      return complaints;
    },
  };
}
