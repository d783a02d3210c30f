// No dead link: every internal address that a visitor can reach from the home, two steps away, answers. Addresses of one
// shape (a lieu, a commune) are tried a few times, not by thousands.

import assert from 'node:assert/strict';
import { test } from 'node:test';

const base = process.env.MAILLAGE_URL;
const shape = (path) => path.replace(/[0-9a-f-]{36}/g, ':id').replace(/\/\d\w*/g, '/:n').replace(/\?.*/, (query) => `?${[...new URLSearchParams(query).keys()].sort()}`);

/** As a browser asks, compressed. An answer cut in the middle counts as 599, so that the address is named. */
async function get(path) {
  try {
    const response = await fetch(base + path, { redirect: 'manual', headers: { 'accept-encoding': 'gzip, br' } });
    const isPage = (response.headers.get('content-type') ?? '').includes('text/html');
    const body = await response.arrayBuffer();
    return { status: response.status, page: isPage ? new TextDecoder().decode(body) : '' };
  } catch {
    return { status: 599, page: '' };
  }
}

test('aucun lien mort', async () => {
  const seen = new Set();
  const tries = new Map();
  const dead = [];
  let front = [['/', 'départ']];
  for (let depth = 0; depth <= 3; depth += 1) {
    const next = [];
    for (const [path, from] of front) {
      const kind = shape(path);
      if (seen.has(path) || (tries.get(kind) ?? 0) >= 3) continue;
      seen.add(path);
      tries.set(kind, (tries.get(kind) ?? 0) + 1);
      const { status, page } = await get(path);
      if (status >= 400) dead.push(`${status} ${path} (depuis ${from})`);
      for (const [, href] of page.matchAll(/href="([^"#]+)/g)) {
        const url = new URL(href.replaceAll('&amp;', '&').replaceAll('&#38;', '&'), base + path);
        if (url.origin === new URL(base).origin && !url.pathname.startsWith('/assets/')) next.push([url.pathname + url.search, path]);
      }
    }
    front = next;
  }
  assert.ok(seen.size > 20, `${seen.size} adresses`);
  assert.deepEqual(dead, []);
});
