// The frame of the pages with a keyboard only.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { open, quit, visitor } from '../lib/navigateur.mjs';

after(quit);

test('le premier arrêt du clavier mène au contenu', async () => {
  const { page, problems, close } = await visitor();
  await open(page, '/');
  await page.keyboard.press('Tab');
  const first = page.locator(':focus');
  assert.equal((await first.innerText()).trim(), 'Contenu');
  assert.ok(await first.isVisible(), 'le lien d’évitement se voit quand il a le focus');
  await page.keyboard.press('Enter');
  assert.match(page.url(), /#contenu$/);
  assert.deepEqual(problems, []);
  await close();
});

test('chaque arrêt du clavier se voit', async () => {
  const { page, close } = await visitor();
  await open(page, '/');
  const stops = await page.locator('a[href]:visible, button:visible, input:visible:not([type=hidden]), select:visible, summary:visible').count();
  const blind = [];
  for (let i = 0; i < Math.min(stops, 40); i += 1) {
    await page.keyboard.press('Tab');
    const seen = await page.evaluate(() => {
      const node = document.activeElement;
      const look = (style) => `${style.outlineStyle} ${style.outlineWidth}`;
      const own = getComputedStyle(node);
      const before = getComputedStyle(node, '::before');
      const label = node.labels?.[0] ? getComputedStyle(node.labels[0], '::before') : own;
      const visible = [own, before, label].some((style) => !/^none| 0px$/.test(look(style)));
      return visible ? null : node.outerHTML.slice(0, 120);
    });
    if (seen) blind.push(seen);
  }
  assert.deepEqual(blind, []);
  await close();
});

test('sur un téléphone, le menu se déplie et se replie', async () => {
  const { page, problems, close } = await visitor({ screen: 'telephone' });
  await open(page, '/');
  const button = page.getByRole('button', { name: 'Menu' });
  const menu = page.getByRole('navigation', { name: 'Menu principal' });
  await button.focus();
  assert.equal(await menu.isVisible(), false);
  await page.keyboard.press('Enter');
  assert.equal(await button.getAttribute('aria-expanded'), 'true');
  assert.ok(await menu.isVisible());
  await page.keyboard.press('Enter');
  assert.equal(await menu.isVisible(), false);
  assert.deepEqual(problems, []);
  await close();
});

test('sans script, le menu est entier sur un téléphone', async () => {
  const { page, close } = await visitor({ screen: 'telephone', js: false });
  await open(page, '/');
  assert.ok(await page.getByRole('navigation', { name: 'Menu principal' }).getByRole('link').first().isVisible());
  assert.equal(await page.getByRole('button', { name: 'Menu' }).isVisible(), false);
  await close();
});

test('à 200 %, rien ne déborde', async () => {
  // A window of 1280 px at 200 % has 640 px of its own.
  const { page, close } = await visitor({ viewport: { width: 640, height: 450 }, deviceScaleFactor: 2 });
  await open(page, '/');
  const [content, room] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  assert.ok(content <= room);
  await close();
});
