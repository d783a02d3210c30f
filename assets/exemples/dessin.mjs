// Writes exemples/dessin.html from dist/data/departements-svg.json, to look at the drawing.
import { readFileSync, writeFileSync } from 'node:fs';
const carte = JSON.parse(readFileSync(new URL('../dist/data/departements-svg.json', import.meta.url)));
const classe = (code) => `m-c${[...code].reduce((sum, c) => sum * 7 + c.charCodeAt(0), 3) % 6}`;
const path = (d, extra) => `<a href="#d${d.code}" aria-label="${d.nom}"><path class="${classe(d.code)}" d="${extra ?? d.d}"><title>${d.nom}</title></path></a>`;
const frames = carte.encarts.filter((e) => e.cadre).map((e) => `<rect class="m-cadre" x="${e.cadre.x}" y="${e.cadre.y}" width="${e.cadre.largeur}" height="${e.cadre.hauteur}"/><text x="${e.cadre.x + 14}" y="${e.cadre.y + 38}">${e.titre}</text>`).join('');
const projette = (e, lon, lat) => { const r = Math.PI / 180; const rho = e.f / Math.tan(Math.PI / 4 + lat * r / 2) ** e.n; const a = e.n * (lon * r - e.lon0); return [e.k * rho * Math.sin(a) + e.tx, e.k * (rho * Math.cos(a) - e.rho0) + e.ty]; };
const points = [['metropole', 2.3488, 48.85341], ['metropole', -4.486, 48.39], ['metropole', 8.737, 41.926], ['974', 55.4504, -20.8823], ['987', -149.57, -17.53], ['metropole', 5.37, 43.297]]
  .map(([id, lon, lat]) => projette(carte.encarts.find((e) => e.id === id), lon, lat)).map(([x, y]) => `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="9" class="m-alerte"/>`).join('');
writeFileSync(new URL('dessin.html', import.meta.url), `<!doctype html><html lang="fr" data-fr-scheme="system"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Dessin</title><link rel="stylesheet" href="/assets/maillage.css"><main class="fr-container"><h1>Dessin</h1><svg class="m-dessin" viewBox="${carte.viewBox}" role="img" aria-label="Carte">${frames}${carte.departements.map((d) => path(d)).join('')}${carte.departements.filter((d) => d.encart).map((d) => path(d, d.encart.d)).join('')}${points}</svg></main></html>`);
