// maillage.css: the components of the Système de Design de l'État that Maillage uses, with a look of its own.
//
// The components are MIT; the Marianne typeface, the block-mark and the colours of the State are not for everyone. So the
// default sheet has a system font and its own colours, and `etat.css` puts those of the State back. The layout links
// `etat.css` only when the configuration says that the State runs the instance.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { transform } from 'esbuild';
import postcss from 'postcss';
import { shade } from './styles/palette.mjs';

const COMPONENTS = [
  'accordion', 'alert', 'badge', 'breadcrumb', 'button', 'callout', 'card', 'checkbox', 'connect', 'content', 'footer', 'form',
  'header', 'highlight', 'input', 'link', 'navigation', 'notice', 'pagination', 'password', 'quote', 'radio', 'search',
  'select', 'sidemenu', 'skiplink', 'stepper', 'summary', 'table', 'tag', 'tile', 'upload',
];

/** Icons that the modules and the layout use whatever the templates say. */
const ICONS = [
  'account-circle-line', 'arrow-down-s-line', 'arrow-left-line', 'arrow-right-line', 'calendar-line', 'check-line',
  'checkbox-circle-fill', 'close-line', 'delete-line', 'download-line', 'edit-line', 'error-warning-line',
  'external-link-line', 'eye-line', 'filter-line', 'information-line', 'lock-line', 'logout-box-r-line', 'mail-line',
  'map-pin-2-line', 'menu-fill', 'phone-line', 'printer-line', 'refresh-line', 'road-map-line', 'search-line',
  'time-line', 'upload-line', 'warning-line',
];

export const inputs = ['styles', '../crates'];

const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', Arial, sans-serif";

export default async function styles(ctx) {
  const dsfr = join(ctx.modules, '@gouvfr/dsfr/dist');
  const used = usedIcons(ctx);
  const icons = new Map();
  const parts = [sheet(dsfr, 'core', 'core'), sheet(dsfr, 'scheme', 'scheme')];
  for (const name of COMPONENTS) parts.push(sheet(dsfr, `component/${name}`, name));
  parts.push(iconRules(dsfr, used));

  const tree = postcss.root();
  const palette = new Map();
  for (const { css, folder } of parts) {
    const part = postcss.parse(css);
    part.walkComments((comment) => comment.remove());
    part.walkAtRules('charset', (rule) => rule.remove());
    part.walkAtRules('font-face', (rule) => rule.remove());
    // The DSFR doubles many rules for Internet Explorer and for its own legacy names.
    part.walkAtRules('media', (rule) => rule.params.includes('-ms-high-contrast') && rule.remove());
    part.walkRules((rule) => prune(rule));
    part.walkDecls((decl) => {
      if (decl.prop.startsWith('-webkit-mask') || decl.prop.startsWith('-ms-')) return decl.remove();
      if (decl.value.includes('Marianne')) decl.value = decl.value.replace(/"?Marianne"?, arial, sans-serif/gi, 'var(--police)');
      if (decl.value.includes('../icons/')) decl.value = inlineIcon(decl.value, dsfr, folder, icons);
      if (decl.prop.startsWith('--blue-france') && decl.value.startsWith('#')) {
        const neutral = shade(decl.value, decl.parent.selector === ':root');
        palette.set(decl.value.toLowerCase(), neutral);
        const scope = decl.parent.selector;
        etat.set(scope, [...(etat.get(scope) ?? []), `${decl.prop}:${decl.value}`]);
        decl.value = neutral;
      }
      return undefined;
    });
    tree.append(part.nodes);
  }
  tree.walkDecls((decl) => {
    if (decl.value.includes('data:image')) decl.value = decl.value.replace(/%23([0-9a-f]{6})/gi, (all, hex) => (palette.get(`#${hex.toLowerCase()}`) ?? all).replace('#', '%23'));
  });
  tree.walkAtRules((rule) => rule.nodes && rule.nodes.length === 0 && rule.remove());
  tree.walkRules((rule) => rule.nodes.length === 0 && rule.remove());
  followSystemTheme(tree);

  const own = ctx
    .walk(join(ctx.root, 'styles'))
    .filter((file) => file.endsWith('.css') && !file.endsWith('etat.css'))
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
  dropUnusedVariables(tree, own);
  const variables = [...icons].map(([name, uri]) => `--i-${name}:url("${uri}")`).join(';');
  const css = [
    `:root{--police:${FONT};${variables}}`,
    tree.toString(),
    own,
  ].join('\n');
  ctx.public('maillage.css', await minify(css));

  await state(ctx, dsfr);
}

/** Selector → original declarations of the State's colours. */
const etat = new Map();

/** etat.css, the block-mark and the typeface: linked only when the State runs the instance. */
async function state(ctx, dsfr) {
  const root = postcss.root();
  const logo = postcss.parse(readFileSync(join(dsfr, 'component/logo/logo.main.css'), 'utf8'));
  logo.walkComments((comment) => comment.remove());
  logo.walkAtRules('charset', (rule) => rule.remove());
  logo.walkDecls((decl) => {
    if (decl.value.includes('Marianne')) decl.value = decl.value.replace(/"?Marianne"?, arial, sans-serif/gi, 'var(--police)');
  });
  for (const [selector, decls] of etat) root.append(postcss.parse(`${selector}{${decls.join(';')}}`));
  root.append(logo.nodes);
  followSystemTheme(root);
  const faces = [];
  for (const [file, weight, style] of [
    ['Marianne-Regular', 400, 'normal'], ['Marianne-Regular_Italic', 400, 'italic'],
    ['Marianne-Medium', 500, 'normal'], ['Marianne-Bold', 700, 'normal'],
  ]) {
    ctx.public(`etat/${file}.woff2`, readFileSync(join(dsfr, `fonts/${file}.woff2`)));
    faces.push(`@font-face{font-family:Marianne;src:url(etat/${file}.woff2) format("woff2");font-weight:${weight};font-style:${style};font-display:swap}`);
  }
  const own = readFileSync(join(ctx.root, 'styles/etat.css'), 'utf8');
  ctx.public('etat.css', await minify(`${faces.join('')}\n:root{--police:Marianne,${FONT}}\n${root}\n${own}`));
}

function sheet(dsfr, folder, name) {
  const parts = [];
  for (const kind of name === 'scheme' ? ['scheme.css'] : [`${name}.main.css`, `${name}.print.css`]) {
    try {
      parts.push(readFileSync(join(dsfr, folder, kind), 'utf8'));
    } catch (error) {
      if (error.code !== 'ENOENT' || !kind.includes('print')) throw error;
    }
  }
  return { css: parts.join('\n'), folder };
}

/** Icon classes named in the templates, plus the fixed list. */
function usedIcons(ctx) {
  const names = new Set(ICONS);
  for (const file of ctx.walk(join(ctx.root, '../crates'))) {
    if (!/\.(html|rs)$/.test(file)) continue;
    for (const [, name] of readFileSync(file, 'utf8').matchAll(/fr-icon-([a-z0-9-]+(?:fill|line))/g)) names.add(name);
  }
  return names;
}

function iconRules(dsfr, used) {
  const all = postcss.parse(readFileSync(join(dsfr, 'utility/icons/icons.main.css'), 'utf8'));
  all.walkRules((rule) => {
    const keep = rule.selectors.some((selector) => used.has(selector.match(/fr-icon-([a-z0-9-]+?(?:fill|line))(?![a-z0-9-])/)?.[1]));
    if (!keep) rule.remove();
  });
  return { css: all.toString(), folder: 'utility/icons' };
}

/** Drops what no page of ours can use: negative and per-breakpoint spacing, the modal, old icon names, mourning. */
function prune(rule) {
  const unused = /\.fr-(?:(?:[mp][tblrxy]?-(?:n|(?:sm|lg|xl)-)|[mp][lr]-md-)|fi-|modal|enlarge-button|artwork|ratio|responsive-vid|scheme-)|data-fr-mourning|-ms-|fr-logo|--(?:green|pink|purple|yellow|orange|brown|beige|blue-cumulus|blue-ecume)-/;
  const kept = rule.selectors.filter((selector) => !unused.test(selector));
  if (kept.length === 0) rule.remove();
  else if (kept.length !== rule.selectors.length) rule.selectors = kept;
}

/** The design system declares some 1 800 colour tokens; only those that a rule reaches are kept. */
function dropUnusedVariables(tree, own) {
  for (;;) {
    const reached = new Set([...own.matchAll(/var\((--[\w-]+)/g)].map((match) => match[1]));
    tree.walkDecls((decl) => {
      for (const [, name] of decl.value.matchAll(/var\((--[\w-]+)/g)) reached.add(name);
    });
    let removed = 0;
    tree.walkDecls(/^--/, (decl) => {
      if (reached.has(decl.prop)) return;
      decl.remove();
      removed += 1;
    });
    if (removed === 0) break;
  }
  tree.walkRules((rule) => rule.nodes.length === 0 && rule.remove());
}

function inlineIcon(value, dsfr, folder, icons) {
  return value.replace(/url\("([^"]*icons\/[^"]+\.svg)"\)/g, (_, url) => {
    const name = url.match(/([^/]+)\.svg$/)[1].replace(/^fr--/, '');
    const path = join(dsfr, 'icons', url.split('icons/')[1]);
    const svg = readFileSync(path, 'utf8').replace(/\s+/g, ' ').replaceAll('> <', '><').trim();
    icons.set(name, `data:image/svg+xml,${svg.replace(/"/g, "'").replace(/[%#<>]/g, encodeURIComponent)}`);
    return `var(--i-${name})`;
  });
}

/**
 * The DSFR needs its script to follow the system's dark theme. Every rule under `data-fr-theme=dark` is repeated for a
 * system that prefers dark when the page says `data-fr-scheme="system"` and no theme was chosen.
 */
function followSystemTheme(root) {
  const dark = [];
  root.walkRules((rule) => {
    if (!rule.selectors.every((selector) => selector.includes('[data-fr-theme=dark]'))) return;
    const copy = rule.clone();
    copy.selectors = rule.selectors.map((selector) =>
      selector.replace(/(?::root)?\[data-fr-theme=dark\]/, ':root[data-fr-scheme=system]:not([data-fr-theme])'));
    const media = rule.parent.type === 'atrule' ? rule.parent.clone({ nodes: [] }) : null;
    if (media) media.append(copy);
    dark.push(media ?? copy);
  });
  const block = postcss.atRule({ name: 'media', params: '(prefers-color-scheme: dark)' });
  block.append(dark);
  root.append(block);
}

async function minify(css) {
  const { code } = await transform(css, { loader: 'css', minify: true, target: ['chrome100', 'firefox100', 'safari15.4'], legalComments: 'none' });
  return code;
}
