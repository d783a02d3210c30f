// The ES modules of the pages, each bundled and minified on its own. maillage.js is on every page and loads the others
// only where the page asks for them.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

export const inputs = ['modules'];

const ENTRIES = ['maillage', 'carte', 'couverture', 'suggestions', 'formulaire', 'geolocalisation', 'passkey'];

export default async function modules(ctx) {
  const result = await build({
    entryPoints: ENTRIES.map((name) => join(ctx.root, `modules/${name}.mjs`)),
    bundle: true,
    format: 'esm',
    splitting: false,
    minify: true,
    charset: 'utf8',
    legalComments: 'none',
    target: ['chrome100', 'firefox100', 'safari15.4'],
    // Siblings and MapLibre are files of their own beside this one, loaded when needed.
    external: ['./suggestions.js', './formulaire.js', './geolocalisation.js', './passkey.js', './carte.js', './couverture.js', './maplibre/maplibre-gl.mjs'],
    outdir: join(ctx.root, 'dist/public'),
    write: false,
  });
  for (const file of result.outputFiles) ctx.public(file.path.split('/').pop(), file.contents);
  ctx.public('icone.svg', readFileSync(join(ctx.root, 'modules/icone.svg')));
}
