// `npm run check`: every class written in a template or in Rust must exist in maillage.css or etat.css, and the page
// budget must hold. Without this, a class pruned from the sheet fails silently.

import { readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { walk } from './build.mjs';

const root = fileURLToPath(new URL('.', import.meta.url));
const sheet = readFileSync(join(root, 'dist/public/maillage.css'), 'utf8') + readFileSync(join(root, 'dist/public/etat.css'), 'utf8');
const known = new Set([...sheet.matchAll(/\.((?:fr|m)-[\w-]+)/g)].map((match) => match[1]));
/** Hooks of structure that the design system names without styling them. */
const HOOKS = /^fr-(?:input-group|select-group|select--error|header__brand-top|nav__item|sidemenu__item--active|upload-group)$|^m-(?:entete|entete__outils|qui__nom|recherche--accueil|script)$/;
const unknown = [];
for (const file of walk(join(root, '../crates'))) {
  if (!/\.html$/.test(file)) continue;
  const text = readFileSync(file, 'utf8');
  for (const [, list] of text.matchAll(/class="([^"]*)"/g)) {
    // A name that the template completes (`m-c{{ rang }}`) is not one that can be looked up.
    for (const name of list.replace(/[\w-]*\{\{[^}]*\}\}[\w-]*|\{%[^}]*%\}/g, ' ').split(/\s+/)) {
      if (!/^(?:fr|m)-[\w-]+$/.test(name) || name.endsWith('-')) continue;
      if (!known.has(name) && !HOOKS.test(name)) unknown.push(`${relative(join(root, '..'), file)} : ${name}`);
    }
  }
}
const weight = ['maillage.css', 'maillage.js', 'formulaire.js', 'suggestions.js', 'geolocalisation.js']
  .reduce((sum, file) => sum + statSync(join(root, 'dist/public', `${file}.br`)).size, 0);
console.log(`Feuille et modules d’une page : ${Math.round(weight / 1000)} ko transférés.`);
if (weight > 80_000) unknown.push(`le poids d’une page passe 80 ko : ${weight}`);
if (unknown.length > 0) {
  console.error([...new Set(unknown)].join('\n'));
  process.exit(1);
}
