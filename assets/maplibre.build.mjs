// MapLibre GL as published: its module, its worker in a file of its own (so the policy says worker-src 'self', without
// blob:), its style sheet. The worker stands beside the module, where the module looks for it.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const inputs = ['maplibre.build.mjs'];

const FILES = ['maplibre-gl.mjs', 'maplibre-gl-worker.mjs', 'maplibre-gl.css'];

/** [file, text] as shipped: without the reference to source maps, which are not. */
export function published(ctx) {
  const dist = join(ctx.modules, 'maplibre-gl/dist');
  return FILES.map((file) => [file, readFileSync(join(dist, file), 'utf8').replace(/\n?\/[/*]# sourceMappingURL=\S+(?: \*\/)?/g, '')]);
}

export default async function maplibre(ctx) {
  for (const [file, text] of published(ctx)) ctx.public(`maplibre/${file}`, text);
  ctx.public('maplibre/LICENSE.txt', readFileSync(join(ctx.modules, 'maplibre-gl/LICENSE.txt')));
}
