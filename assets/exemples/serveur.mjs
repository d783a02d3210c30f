// Serves the example pages and dist/public as the binary does, with the same strict policy: `node exemples/serveur.mjs 8123`.
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const TYPES = { '.html': 'text/html; charset=utf-8', '.css': 'text/css', '.js': 'text/javascript', '.mjs': 'text/javascript', '.json': 'application/json', '.geojson': 'application/geo+json', '.svg': 'image/svg+xml', '.woff2': 'font/woff2', '.png': 'image/png' };
export const CSP = "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

export function serve(port, csp = CSP, routes = {}) {
  const server = createServer((request, response) => {
    const url = new URL(request.url, 'http://localhost');
    const path = normalize(decodeURIComponent(url.pathname));
    if (routes[path]) return routes[path](request, response, url);
    const file = path.startsWith('/assets/') ? join(here, '../dist/public', path.slice(8)) : join(here, path === '/' ? 'gabarit.html' : path);
    if (!existsSync(file) || !TYPES[extname(file)]) { response.writeHead(404); return response.end(); }
    response.writeHead(200, { 'content-type': TYPES[extname(file)], 'content-security-policy': csp });
    return response.end(readFileSync(file));
  });
  return new Promise((resolve) => { server.listen(port, '127.0.0.1', () => resolve(server)); });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await serve(Number(process.argv[2] ?? 8123));
