// Builds everything the browser receives and the data tables the binary embeds.
//
//   dist/public/  served at /assets/<path>; every text file also as .br and .gz beside it
//   dist/data/    read by Rust only
//
// Each `*.build.mjs` of this folder is one step: it exports `inputs` (files or folders it depends on, relative to this
// folder) and a default function that writes through the context it receives. A step whose inputs and program did not
// change since the last build is skipped. `--force` rebuilds all; `node build.mjs styles` runs one step.

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import zlib from 'node:zlib';

const root = dirname(fileURLToPath(import.meta.url));
const dist = join(root, 'dist');
const stamps = join(dist, '.stamps');
const brotli = promisify(zlib.brotliCompress);
const gzip = promisify(zlib.gzip);
const COMPRESSIBLE = new Set(['.css', '.js', '.mjs', '.json', '.geojson', '.svg', '.txt', '.html', '.webmanifest']);

/** All files under `path` (a file or a folder), sorted, so that a hash over them is stable. */
export function walk(path) {
  if (!existsSync(path)) return [];
  if (statSync(path).isFile()) return [path];
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.name !== 'target' && entry.name !== 'node_modules')
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => walk(join(path, entry.name)));
}

function fingerprint(inputs) {
  const hash = createHash('sha256');
  for (const file of inputs.flatMap((input) => walk(join(root, input)))) {
    hash.update(relative(root, file)).update('\0').update(readFileSync(file)).update('\0');
  }
  return hash.digest('hex');
}

/** What a step may do: read packages, write outputs. Outputs are remembered so that a stale file never survives. */
function context(outputs) {
  const pending = [];
  const put = (path, content) => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    outputs.push(relative(dist, path));
  };
  return {
    root,
    modules: join(root, 'node_modules'),
    walk,
    /** Writes a file served at /assets/<path>, and its compressed twins. */
    public(path, content) {
      const bytes = Buffer.from(content);
      const target = join(dist, 'public', path);
      put(target, bytes);
      if (!COMPRESSIBLE.has(extname(path)) || bytes.length < 256) return;
      const params = {
        [zlib.constants.BROTLI_PARAM_QUALITY]: 11,
        [zlib.constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
      };
      pending.push(brotli(bytes, { params }).then((packed) => put(`${target}.br`, packed)));
      pending.push(gzip(bytes, { level: 9 }).then((packed) => put(`${target}.gz`, packed)));
    },
    /** Writes a file that only the binary reads. */
    data(path, content) {
      put(join(dist, 'data', path), content);
    },
    settled: () => Promise.all(pending),
  };
}

async function run(name, force) {
  const step = await import(`./${name}.build.mjs`);
  const stamp = join(stamps, `${name}.json`);
  const hash = fingerprint([`${name}.build.mjs`, 'build.mjs', 'package-lock.json', ...step.inputs]);
  const last = existsSync(stamp) ? JSON.parse(readFileSync(stamp, 'utf8')) : { outputs: [] };
  if (!force && last.hash === hash && last.outputs.every((file) => existsSync(join(dist, file)))) {
    console.log(`${name}: à jour`);
    return;
  }
  const start = performance.now();
  const outputs = [];
  const ctx = context(outputs);
  await step.default(ctx);
  await ctx.settled();
  for (const file of last.outputs) if (!outputs.includes(file)) rmSync(join(dist, file), { force: true });
  mkdirSync(stamps, { recursive: true });
  writeFileSync(stamp, JSON.stringify({ hash, outputs: outputs.sort() }));
  console.log(`${name}: ${outputs.length} fichiers en ${Math.round(performance.now() - start)} ms`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const args = process.argv.slice(2);
  const wanted = args.filter((arg) => !arg.startsWith('--'));
  const steps = readdirSync(root)
    .filter((file) => file.endsWith('.build.mjs'))
    .map((file) => file.slice(0, -'.build.mjs'.length))
    .filter((name) => wanted.length === 0 || wanted.includes(name))
    .sort();
  for (const name of steps) await run(name, args.includes('--force'));
}
