// Aidants Connect as an aidant and FranceConnect feel it: mandats made, printed and found among thousands of people, the page
// where one of them is chosen, then token + userinfo at a steady rate. On a demonstration that runs on PostgreSQL (never on a
// real base: rows are written by hand).
//
//   maillage demo --petite --port 8080 --database postgres://…     (a release build)
//   node scripts/bench-fournisseur.mjs http://localhost:8080 postgres://… [exchanges a second] [seconds]

import { createHash, createHmac, randomBytes, randomUUID } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import http from 'node:http';

const [base = 'http://localhost:8080', database, rate = '500', seconds = '20'] = process.argv.slice(2);
if (!database?.startsWith('postgres')) {
  console.error('Donnez l’adresse du site, puis celle de sa base PostgreSQL.');
  process.exit(2);
}
const total = Number(rate) * Number(seconds);
const CLIENT = 'franceconnect-fictif';
const SECRET = 'secret de demonstration du nouveau FranceConnect';
const RETOUR = 'http://localhost:4180/retour';
const PERSONNES = 5000;

const sql = (text) => execFileSync('psql', [database, '-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-f', '-'], { input: text, maxBuffer: 1 << 26 }).toString().trim();

// The keys of the demonstration are known to all: what it stores of a code can be worked out here.
const prints = createHash('sha256').update('maillage empreintes v1\0demonstration: rien de vrai ici').digest();
const length = Buffer.alloc(8);
length.writeBigUInt64BE(BigInt('fournisseur.poivre'.length));
const pepper = createHmac('sha256', prints).update(Buffer.concat([length, Buffer.from('fournisseur.poivrev1')])).digest('hex');
const digest = (clear) => createHmac('sha256', pepper).update(`code\0${clear}`).digest('hex');

const [aidant, compte, appartenance, structure] = sql(
  `SELECT a.id, a.compte_id, p.id, p.structure_id FROM aidant a JOIN aidant_appartenance p ON p.aidant_id = a.id
   WHERE p.fin IS NULL AND p.fait_mandats AND NOT p.referent AND a.etat = 'actif' AND a.nom = 'Fictive-Aidante' LIMIT 1`,
).split('|');
if (!structure) throw new Error('Cette base n’a pas l’aidante de la démonstration.');

// People, their mandats, one autorisation each.
const now = new Date();
const later = new Date(now.getTime() + 3600e3).toISOString();
const lot = randomBytes(4).toString('hex');
const people = Array.from({ length: PERSONNES }, (_, n) => ({ n, usager: randomUUID(), mandat: randomUUID(), autorisation: randomUUID() }));
const rows = (list, f) => list.map((x) => `(${f(x)})`).join(',\n');
sql(`BEGIN;
INSERT INTO usager (id, sub, prenoms, nom, genre, naissance_etat_civil, naissance, commune, pays, courriel, cle_journal, cree_le, vu_le, version) VALUES
${rows(people, (p) => `'${p.usager}','banc-${lot}-${p.n}','Camille','BANC-${p.n}','female','1962-05-17','1962-05-17','23096','99100','banc${p.n}@essai.example','x',now(),now(),1`)};
INSERT INTO mandat (id, numero, structure_id, usager_id, fait_mandats, cree_le, expire_le, duree, consentement, cle_unicite, repris_le) VALUES
${rows(people, (p) => `'${p.mandat}','BANC-${lot}-${p.n}','${structure}','${p.usager}',true,now(),now() + interval '30 days',30,'presence','${p.mandat}',now()`)};
INSERT INTO mandat_autorisation (id, mandat_id, structure_id, usager_id, demarche, cree_le, expire_le) VALUES
${rows(people, (p) => `'${p.autorisation}','${p.mandat}','${structure}','${p.usager}','logement',now(),now() + interval '30 days'`)};
INSERT INTO mandat_personne (structure_id, usager_id, tri, recherche, naissance, expire_le) VALUES
${rows(people, (p) => `'${structure}','${p.usager}','banc ${p.n} camille',' banc ${p.n} camille','1962-05-17',now() + interval '30 days'`)};
COMMIT;`);

// Codes, as the choice of an aidant leaves them.
const codes = [];
for (let done = 0; done < total; done += 2000) {
  const part = Array.from({ length: Math.min(2000, total - done) }, (_, i) => {
    const clear = randomBytes(32).toString('hex');
    codes.push(clear);
    return { clear, digest: digest(clear), sid: randomBytes(16).toString('hex'), usage: randomUUID(), p: people[(done + i) % PERSONNES] };
  });
  const code = (c) => JSON.stringify({
    digest: c.digest, flow: c.sid, client_id: CLIENT, redirect_uri: RETOUR, challenge: null, nonce: 'a'.repeat(64),
    scopes: ['openid', 'profile', 'birth', 'email'], acr: 'eidas1', amr: ['mfa'], auth_time: now.toISOString(),
    subject: c.p.usager.replaceAll('-', ''), rep_scope: ['Logement'], act: null, expires_at: later, state: 'fresh',
  });
  sql(`BEGIN;
INSERT INTO mandat_usage (id, autorisation_id, mandat_id, structure_id, usager_id, aidant_id, appartenance_id, demarche, client_id, client_nom, cree_le) VALUES
${rows(part, (c) => `'${c.usage}','${c.p.autorisation}','${c.p.mandat}','${structure}','${c.p.usager}','${aidant}','${appartenance}','logement','${CLIENT}','Banc',now()`)};
INSERT INTO fournisseur_code (digest, sid, client_id, code, etat, usage_id, compte_id, expire_le) VALUES
${rows(part, (c) => `'${c.digest}','${c.sid}','${CLIENT}','${code(c)}','fresh','${c.usage}','${compte}','${later}'`)};
COMMIT;`);
}
sql('ANALYZE');

const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
const { hostname, port } = new URL(base);
const send = (method, path, headers = {}, body = '') => new Promise((resolve, reject) => {
  const request = http.request({ agent, hostname, port, method, path, headers: { ...headers, ...(body && { 'content-length': Buffer.byteLength(body) }) } }, (answer) => {
    const parts = [];
    answer.on('data', (part) => parts.push(part)).on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(parts).toString() }));
  });
  request.on('error', reject);
  request.end(body);
});
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const quantile = (sorted, q) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))];
const tell = (name, times) => {
  times.sort((a, b) => a - b);
  console.log(`${name} : médiane ${quantile(times, 0.5).toFixed(1)} ms, p95 ${quantile(times, 0.95).toFixed(1)} ms, p99 ${quantile(times, 0.99).toFixed(1)} ms, max ${times.at(-1).toFixed(1)} ms`);
};

// The page of the choice, as an aidant sees it.
const cookies = new Map();
const browse = async (method, path, body = '') => {
  const cookie = [...cookies].map(([k, v]) => `${k}=${v}`).join('; ');
  const answer = await send(method, path, { ...(body ? FORM : {}), ...(cookie && { cookie }) }, body);
  for (const line of answer.headers['set-cookie'] ?? []) {
    const [pair] = line.split(';');
    cookies.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
  }
  return answer;
};
await browse('POST', '/demo/entrer', 'personne=aidant');
const asked = new URLSearchParams({
  client_id: CLIENT, response_type: 'code', redirect_uri: RETOUR, scope: 'openid profile', acr_values: 'eidas1', state: 's'.repeat(64), nonce: 'n'.repeat(64),
});

// Follows where an answer sends to, until a page.
const follow = async (answer) => {
  let [seen, path] = [answer, ''];
  for (;;) {
    const passage = /http-equiv="refresh" content="0;url=([^"]+)"/.exec(seen.body)?.[1].replaceAll('&#38;', '&').replaceAll('&amp;', '&');
    const next = seen.headers.location ?? passage;
    if (!next) break;
    const { pathname, search } = new URL(next, base);
    path = pathname + search;
    seen = await browse('GET', path);
  }
  return { ...seen, path };
};
// The demonstration admits fifty requests a second from one source.
const breathe = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });
const form = (fields) => new URLSearchParams(fields).toString();
const [made, printed] = [[], []];
for (let i = 0; i < 40; i += 1) {
  await breathe(300);
  const begun = await follow(await browse('POST', '/aidant/mandats/nouveau', form([['demarches', 'papiers'], ['demarches', 'argent'], ['duree', '31']])));
  const demande = /name="demande" value="([^"]+)"/.exec(begun.body)?.[1];
  if (!demande) throw new Error(`FranceConnect fictif n’a pas été atteint : ${begun.path} ${begun.status}`);
  const recap = await follow(await browse('POST', '/faux-franceconnect/choix', form({ demande, personne: ['nadia', 'rosa', 'angele'][i % 3] })));
  const signer = /action="(\/aidant\/mandats\/brouillons\/[^"]+\/signer)"/.exec(recap.body)?.[1];
  if (!signer) throw new Error(`pas de récapitulatif : ${recap.path} ${recap.status}`);
  const vue = /name="vue" value="([^"]*)"/.exec(recap.body)?.[1] ?? '';
  const start = performance.now();
  const signed = await browse('POST', signer, form({ atteste: 'oui', vue }));
  made.push(performance.now() - start);
  const mandat = signed.headers.location ?? '';
  if (!/^\/aidant\/mandats\/[0-9a-f-]{36}/.test(mandat)) throw new Error(`le mandat n’est pas fait : ${signed.status} ${mandat}`);
  const asked = performance.now();
  const pdf = await browse('GET', `${mandat.split('?')[0]}/imprimer`);
  printed.push(performance.now() - asked);
  if (!pdf.body.startsWith('%PDF')) throw new Error(`le PDF répond ${pdf.status}`);
}
tell('mandat fait (base, journal, signature), toute la requête', made.slice(4));
tell('son PDF', printed.slice(4));
for (const [name, query] of [['liste des personnes', ''], ['avec une recherche', '?q=banc%204321'], ['avec une date', '?q=17051962'], ['dernière page', '?page=200']]) {
  const times = [];
  for (let i = 0; i < 100; i += 1) {
    await breathe(20);
    const start = performance.now();
    const { status } = await browse('GET', `/aidant/personnes${query}`);
    if (status !== 200) throw new Error(`la liste répond ${status}`);
    times.push(performance.now() - start);
  }
  tell(`${name} (${PERSONNES} mandats dans l’organisation)`, times.slice(10));
}
const flow = (await browse('GET', `/authorize?${asked}`)).headers.location;
for (const [name, path] of [['choix de la personne', '/personne'], ['avec une recherche', '/personne?q=banc%204321'], ['dernière page', '/personne?page=250']]) {
  const times = [];
  for (let i = 0; i < 100; i += 1) {
    await breathe(20);
    const start = performance.now();
    const { status } = await browse('GET', `${flow}${path}`);
    if (status !== 200) throw new Error(`${path} répond ${status}`);
    times.push(performance.now() - start);
  }
  tell(`${name} (${PERSONNES} personnes)`, times.slice(10));
}

// Exchanges at a steady rate, whatever the answers take (no coordinated omission).
const exchange = async (code) => {
  const body = new URLSearchParams({ grant_type: 'authorization_code', code, redirect_uri: RETOUR, client_id: CLIENT, client_secret: SECRET }).toString();
  const token = await send('POST', '/token', FORM, body);
  if (token.status !== 200) throw new Error(`token ${token.status} ${token.body.slice(0, 200)}`);
  const { access_token } = JSON.parse(token.body);
  const info = await send('GET', '/userinfo', { authorization: `Bearer ${access_token}` });
  if (info.status !== 200) throw new Error(`userinfo ${info.status} ${info.body.slice(0, 200)}`);
};
const warm = codes.splice(0, Math.min(200, codes.length / 10));
await Promise.all(warm.map(exchange));
const times = [];
const failures = [];
const start = performance.now();
const running = codes.map(async (code, i) => {
  const due = start + (i * 1000) / Number(rate);
  const wait = due - performance.now();
  if (wait > 0) await new Promise((resolve) => { setTimeout(resolve, wait); });
  try {
    await exchange(code);
    times.push(performance.now() - due);
  } catch (error) {
    failures.push(error.message);
  }
});
await Promise.all(running);
const spent = (performance.now() - start) / 1000;
tell(`token + userinfo, ${rate} par seconde demandés, ${(times.length / spent).toFixed(0)} tenus`, times);
if (failures.length > 0) {
  console.error(`${failures.length} échecs, dont : ${failures[0]}`);
  process.exitCode = 1;
}
agent.destroy();
