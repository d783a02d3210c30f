// Chromium, with a page that keeps an account of everything wrong it saw.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const axe = createRequire(import.meta.url)('axe-core');
const results = join(dirname(fileURLToPath(import.meta.url)), '../results');
export const URL_BASE = process.env.MAILLAGE_URL;

/** The two screens of the accessibility statement. */
export const SCREENS = {
  telephone: { width: 360, height: 740 },
  bureau: { width: 1280, height: 900 },
};

let browser;

export async function launch() {
  const places = [process.env.MAILLAGE_CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
  browser ??= await chromium.launch({
    executablePath: places.find((place) => place && existsSync(place)),
    // A map needs WebGL; on a machine without a graphics card it is drawn by the processor.
    args: ['--no-sandbox', '--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist'],
  });
  return browser;
}

export async function quit() {
  await browser?.close();
  browser = undefined;
}

/**
 * Opens a visitor: `{ page, problems, weight, close }`. `screen` is a key of SCREENS, `js: false` turns scripts off,
 * `base` is the site, if not the instance under test; other options go to Playwright's context.
 */
export async function visitor({ screen = 'bureau', js = true, scheme = 'light', base = URL_BASE, ...options } = {}) {
  const context = await (await launch()).newContext({
    viewport: SCREENS[screen], javaScriptEnabled: js, colorScheme: scheme, locale: 'fr-FR', timezoneId: 'Europe/Paris', ...options,
  });
  const page = await context.newPage();
  const problems = [];
  let bytes = 0;
  page.on('console', (message) => {
    if (message.type() !== 'error' && message.type() !== 'warning') return;
    // The browser's own line for an answer 4xx; answers are judged below. SwiftShader is slow, and says so.
    if (/Failed to load resource: the server responded with a status of 4/.test(message.text()) || /GPU stall|GL Driver Message/.test(message.text())) return;
    problems.push(`console : ${message.text()}`);
  });
  page.on('pageerror', (error) => problems.push(`script : ${error.stack ?? error.message}`));
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol.startsWith('http') && origin !== new URL(base).origin) problems.push(`hôte tiers : ${request.url()}`);
  });
  page.on('requestfailed', (request) => {
    // A download, or a page left before its end.
    if (request.failure()?.errorText !== 'net::ERR_ABORTED') problems.push(`requête : ${request.url()} ${request.failure()?.errorText}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 500) problems.push(`${response.status()} : ${response.url()}`);
    if (response.status() === 404 && response.request().resourceType() !== 'document') problems.push(`404 : ${response.url()}`);
  });
  page.on('requestfinished', async (request) => {
    const size = await request.sizes().catch(() => null);
    if (size) bytes += size.responseBodySize + size.responseHeadersSize;
  });
  return { page, context, problems, weight: () => bytes, close: () => context.close() };
}

/** Goes to a path and checks the status. */
export async function open(page, path, status = 200) {
  const response = await page.goto(new URL(path, URL_BASE).href, { waitUntil: 'load' });
  assert.equal(response.status(), status, `${path} répond ${response.status()}`);
  return response;
}

/** Enters the demonstration as one of its people: `nationale`, `prefecture`… */
export async function enter(page, key) {
  await open(page, '/demo/entrer');
  await page.locator(`button[name=personne][value=${key}]`).click();
  await page.waitForURL('**/bureau');
}

/** What every page must be: one title, one h1, a language, no sideways scroll, nothing wrong, silent axe. */
export async function sound({ page, problems }, name, { js = true } = {}) {
  // Before the picture: hiding the caret, Playwright writes styles into the fields.
  const styled = await page.locator('[style]:not(canvas, [class*=maplibre], [class*=maplibre] *)').count();
  const height = Math.min(3200, await page.evaluate(() => document.documentElement.scrollHeight));
  await page.screenshot({ path: join(results, `${name}.png`), fullPage: true, clip: { x: 0, y: 0, width: page.viewportSize().width, height } });
  assert.equal(await page.locator('h1').count(), 1, `${name} : une page a un h1 et un seul`);
  assert.equal(await page.locator('html').getAttribute('lang'), 'fr');
  assert.match(await page.title(), /\S/, `${name} : la page a un titre`);
  assert.equal(styled, 0, `${name} : aucun style dans la page`);
  const [content, room] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  assert.ok(content <= room, `${name} : la page déborde en largeur (${content} > ${room})`);
  if (js) assert.deepEqual(await violations(page), [], `${name} : axe`);
  assert.deepEqual(problems, [], name);
}

/** Violations of axe, each as one readable line. */
export async function violations(page) {
  await page.evaluate(axe.source);
  const { violations: found } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  return found.flatMap(({ id, help, nodes }) => nodes.map((node) => `${id} : ${help} – ${node.target.join(' ')} – ${node.any.concat(node.all)[0]?.message ?? ''}`));
}

export const shot = (page, name) => page.screenshot({ path: join(results, `${name}.png`) });
