// Every public page, at both widths, with and without scripts, light and dark.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launch, open, quit, SCREENS, sound, URL_BASE, visitor } from '../lib/navigateur.mjs';
import { PUBLIC } from '../lib/pages.mjs';

const LIMIT = 300_000;
const slug = (path) => path.replace(/^\//, '').replace(/[^a-z0-9]+/gi, '-').replace(/-$/, '') || 'accueil';

before(launch);
after(quit);

async function address({ path, from, link }) {
  if (path) return path;
  const { page, close } = await visitor({ js: false });
  await open(page, from);
  const href = await page.locator(link).first().getAttribute('href');
  await close();
  return href;
}

for (const entry of PUBLIC) {
  const name = entry.name ?? slug(entry.path);
  describe(entry.path ?? entry.name, () => {
    let path;
    before(async () => { path = await address(entry); });

    for (const screen of Object.keys(SCREENS)) {
      for (const js of [true, false]) {
        test(`${screen}, ${js ? 'avec' : 'sans'} script`, async () => {
          const visit = await visitor({ screen, js });
          await open(visit.page, path, entry.status);
          await visit.page.waitForLoadState('networkidle');
          const map = visit.page.locator('[data-carte], [data-carte-couverture]');
          if (js && screen === 'bureau' && (await map.count()) > 0) await visit.page.locator('[data-pret=oui]').waitFor({ timeout: 90_000 });
          assert.match(await visit.page.locator('body').innerText(), entry.says);
          await sound(visit, `${name}-${screen}${js ? '' : '-sans-script'}`, { js });
          // The map has its own budget: it comes only when it is looked at.
          if (!js || screen === 'telephone') assert.ok(visit.weight() < LIMIT, `${path} pèse ${visit.weight()} octets`);
          await visit.close();
        });
      }
    }

    test('thème sombre', async () => {
      const visit = await visitor({ scheme: 'dark', screen: 'telephone' });
      await open(visit.page, path, entry.status);
      await sound(visit, `${name}-sombre`);
      await visit.close();
    });
  });
}

test('sans script, un document n’a besoin que de sa feuille de style', async () => {
  const { page, close } = await visitor({ js: false });
  const hosts = new Set();
  page.on('request', (request) => hosts.add(new URL(request.url()).origin));
  await open(page, '/lieux');
  assert.deepEqual([...hosts], [new URL(URL_BASE).origin]);
  await close();
});
