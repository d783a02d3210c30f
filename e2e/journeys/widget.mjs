// The list in the page of another site, from another origin.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { launch, quit, URL_BASE, violations, visitor } from '../lib/navigateur.mjs';

let elsewhere;
let home;
const pages = new Map();

before(async () => {
  await launch();
  home = createServer(({ url }, response) => {
    const page = pages.get(url);
    response.writeHead(page ? 200 : 404, { 'content-type': 'text/html; charset=utf-8' }).end(page ?? '');
  });
  await new Promise((resolve) => { home.listen(0, '127.0.0.1', resolve); });
  elsewhere = `http://127.0.0.1:${home.address().port}`;
});
after(async () => {
  home.close();
  await quit();
});

const host = (body) => `<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Commune</title><link rel="icon" href="data:,"></head><body><main><h1>La commune</h1>${body}</main></body></html>`;
const WIDGET = `<script src="${URL_BASE}/assets/widget.js" data-territoire="departement:01" data-services="aide-demarches" data-titre="Se faire aider" data-nombre="5" data-couleur="#0b5c8a" async></script>`;

/** What the visitor of the other site meets: only that site and ours are asked. */
async function elsewhereVisitor(options) {
  const visit = await visitor({ ...options, base: elsewhere });
  visit.mine = () => visit.problems.filter((problem) => !problem.startsWith(`hôte tiers : ${URL_BASE}/`));
  return visit;
}

describe('la liste sur un autre site', () => {
  test('s’affiche, se cherche, se lit au clavier, et n’appelle que nous', async () => {
    pages.set('/', host(WIDGET));
    const { page, mine, close } = await elsewhereVisitor();
    const sizes = [];
    page.on('requestfinished', async (request) => {
      if (request.url().startsWith(URL_BASE)) sizes.push((await request.sizes()).responseBodySize);
    });
    await page.goto(`${elsewhere}/`);
    await page.getByRole('heading', { level: 2, name: 'Se faire aider' }).waitFor();
    await page.getByRole('status').filter({ hasText: /lieux/ }).waitFor();
    assert.equal(await page.getByRole('listitem').count(), 5);
    await page.getByLabel(/Commune/).fill('01000');
    await page.keyboard.press('Enter');
    await page.getByRole('status').filter({ hasText: /autour/ }).waitFor();
    assert.match(await page.getByRole('listitem').first().innerText(), /à [\d,]+.(?:m|km)/);
    await page.getByLabel(/Commune/).fill('zzzzqq');
    await page.keyboard.press('Enter');
    await page.getByRole('status').filter({ hasText: /Nous ne trouvons pas/ }).waitFor();
    const link = await page.getByRole('link', { name: /Voir tous/ }).getAttribute('href');
    assert.ok(link.startsWith(`${URL_BASE}/lieux?`), link);
    assert.deepEqual(await violations(page), []);
    assert.deepEqual(mine(), []);
    assert.ok(sizes.reduce((sum, size) => sum + size, 0) < 50_000, `le widget pèse ${sizes}`);
    await close();
  });

  test('tient sur un téléphone, sous une politique de sécurité stricte', async () => {
    pages.set('/csp', host(WIDGET).replace('<meta charset="utf-8">', `<meta charset="utf-8"><meta http-equiv="content-security-policy" content="default-src 'none'; script-src ${URL_BASE}; connect-src ${URL_BASE}; img-src data:">`));
    const { page, mine, close } = await elsewhereVisitor({ screen: 'telephone' });
    await page.goto(`${elsewhere}/csp`);
    await page.getByRole('status').filter({ hasText: /lieux/ }).waitFor();
    const [content, room] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
    assert.ok(content <= room);
    assert.deepEqual(mine(), []);
    await close();
  });

  test('sans script, le cadre montre la même liste ; nos autres pages ne s’encadrent pas', async () => {
    pages.set('/cadre', host(`<iframe src="${URL_BASE}/integrer/cadre?departement=01" title="Les lieux" width="100%" height="700"></iframe><iframe src="${URL_BASE}/lieux" title="Refusée"></iframe>`));
    const { page, close } = await visitor({ base: elsewhere, js: false });
    await page.goto(`${elsewhere}/cadre`);
    const frame = page.frameLocator('iframe[title="Les lieux"]');
    await frame.getByRole('heading', { level: 1 }).waitFor();
    await frame.getByLabel(/Commune/).fill('01000');
    await frame.getByRole('button', { name: 'Chercher' }).click();
    await frame.getByText(/autour de/).waitFor();
    assert.equal(await page.frameLocator('iframe[title="Refusée"]').locator('.m-lieux').count(), 0);
    await close();
  });
});
