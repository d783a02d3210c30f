// Every public page, at both widths, with and without scripts.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { open, quit, SCREENS, sound, visitor } from '../lib/navigateur.mjs';
import { PUBLIC } from '../lib/pages.mjs';

after(quit);

const LIMIT = 300_000;
const slug = (path) => path.replace(/^\//, '').replace(/[^a-z0-9]+/gi, '-').replace(/-$/, '') || 'accueil';

for (const { path, says, status = 200 } of PUBLIC) {
  describe(path, () => {
    for (const screen of Object.keys(SCREENS)) {
      for (const js of [true, false]) {
        test(`${screen}, ${js ? 'avec' : 'sans'} script`, async () => {
          const visit = await visitor({ screen, js });
          await open(visit.page, path, status);
          await visit.page.waitForLoadState('networkidle');
          assert.match(await visit.page.locator('body').innerText(), says);
          await sound(visit, `${slug(path)}-${screen}${js ? '' : '-sans-script'}`, { js });
          // The map has its own budget: it comes only when it is looked at.
          if (!js) assert.ok(visit.weight() < LIMIT, `${path} pèse ${visit.weight()} octets`);
          await visit.close();
        });
      }
    }

    test('thème sombre', async () => {
      const visit = await visitor({ scheme: 'dark' });
      await open(visit.page, path, status);
      await sound(visit, `${slug(path)}-sombre`);
      await visit.close();
    });
  });
}
