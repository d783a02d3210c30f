// The ES modules of the pages, each bundled and minified on its own. maillage.js is on every page and loads the others
// only where the page asks for them. Their addresses carry the fingerprint that the binary computes, so that browsers keep
// each file until it changes.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { published } from './maplibre.build.mjs';

export const inputs = ['modules', 'maplibre.build.mjs'];

const LEAVES = ['carte', 'couverture', 'suggestions', 'formulaire', 'geolocalisation', 'passkey', 'comptes', 'horaires', 'position', 'tableaux'];

export default async function modules(ctx) {
  const addresses = new Map();
  for (const [file, bytes] of published(ctx)) addresses.set(`./maplibre/${file}`, fingerprint(bytes));
  for (const name of [...LEAVES, 'maillage']) {
    const code = withFingerprints(await bundle(ctx, name), addresses);
    addresses.set(`./${name}.js`, fingerprint(code));
    ctx.public(`${name}.js`, code);
  }
  // A plain script: other sites write its address once and for all, and it finds its own element.
  ctx.public('widget.js', await bundle(ctx, 'widget', 'iife'));
  ctx.public('icone.svg', readFileSync(join(ctx.root, 'modules/icone.svg')));
}

async function bundle(ctx, name, format = 'esm') {
  const result = await build({
    entryPoints: [join(ctx.root, `modules/${name}.mjs`)],
    bundle: true,
    format,
    minify: true,
    charset: 'utf8',
    legalComments: 'none',
    target: ['chrome100', 'firefox100', 'safari15.4'],
    // Siblings and MapLibre are files of their own beside this one, loaded when needed.
    external: ['./maplibre/*', ...LEAVES.map((leaf) => `./${leaf}.js`)],
    write: false,
  });
  return result.outputFiles[0].text;
}

/** As platform/web/assets.rs: the first 6 bytes of the SHA-256 of the file. */
const fingerprint = (content) => createHash('sha256').update(content).digest('hex').slice(0, 12);

function withFingerprints(code, addresses) {
  let result = code;
  for (const [address, version] of addresses) {
    for (const quote of ['"', "'", '`']) result = result.replaceAll(`${quote}${address}${quote}`, `${quote}${address}?v=${version}${quote}`);
  }
  return result;
}
