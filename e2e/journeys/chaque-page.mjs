// Every page that the people of Aidants Connect reach from their desk, on a phone: links are followed four steps away,
// one address of each shape, and each page is checked as all are. A new page is seen here without anybody naming it.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { enter, quit, sound, URL_BASE, visitor } from '../lib/navigateur.mjs';

after(quit);

const shape = (url) => url.pathname.replace(/[0-9a-f-]{36}/g, ':id').replace(/\/\d[\w-]*/g, '/:n') + [...url.searchParams.keys()].sort().join('&');

/** Pages that other journeys open, files, and doors that lead out. */
const elsewhere = /^\/(lieux|ateliers|couverture|territoires|orientation|integrer|aide|demo|candidature|demande-de-postes|conseillers|deconnexion|donnees|assets|api|structures)(\/|$|\.)|\.(csv|xlsx|pdf|json|jsonl|ics|svg|png|txt)$/;

async function links(page) {
  const hrefs = await page.locator('a[href]').evaluateAll((all) => all.map((a) => a.getAttribute('href')));
  return hrefs.map((href) => new URL(href, page.url())).filter((url) => url.origin === new URL(URL_BASE).origin && !elsewhere.test(url.pathname));
}

/** What else begins each one's work, when the desk shows a part of it only. */
const people = {
  aidant: ['/aidant', '/aidant/personnes', '/compte'],
  itinerante: ['/aidant', '/compte'],
  referent: ['/referent', '/referent/personnes'],
  habilitation: ['/gestion/aidants-connect', '/gestion/aidants', '/gestion/cartes', '/gestion/reunions', '/gestion/objectifs'],
  formation: ['/organisme/sessions'],
};

for (const [key, begins] of Object.entries(people)) {
  test(`chaque page de « ${key} », sur un téléphone`, async () => {
    const seen = await visitor({ screen: 'telephone' });
    const { page } = seen;
    await enter(page, key);
    const known = new Set();
    const wrong = [];
    let front = [page.url(), ...begins.map((path) => URL_BASE + path)].map((href) => new URL(href));
    for (let step = 0; step <= 4 && front.length > 0; step += 1) {
      const next = [];
      for (const url of front) {
        const kind = shape(url);
        if (known.has(kind)) continue;
        known.add(kind);
        url.hash = '';
        const name = `chaque-page-${key}-${known.size}`;
        try {
          const response = await page.goto(url.href, { waitUntil: 'load' });
          assert.ok(response.status() < 400, `répond ${response.status()}`);
          // A mandat to print is a file.
          if (!response.headers()['content-type']?.startsWith('text/html')) continue;
          await sound(seen, name);
          next.push(...(await links(page)));
        } catch (error) {
          // An address that gives a file to keep is no page.
          if (!/Download is starting/.test(error.message)) wrong.push(`${url.pathname}${url.search} : ${error.message}`);
        }
        seen.problems.length = 0;
      }
      front = next;
    }
    assert.ok(known.size >= 10, `${key} : ${known.size} pages`);
    assert.deepEqual(wrong, []);
    await seen.close();
  });
}
