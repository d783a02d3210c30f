// Measures Aidants Connect at the size of the country, in release:
//   node scripts/bench-mandats.mjs [URL]
// Fills a demonstration (about 2 GB of disk; sqlite in a temporary folder unless a database is given), waits for its
// jobs, then times what the issue asks. Every figure comes from this run: nothing is asserted, a person reads.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const target = process.env.CARGO_TARGET_DIR ?? join(root, "target");
const binary = process.env.MAILLAGE_BIN ?? join(target, "release/maillage");
const folder = mkdtempSync(join(tmpdir(), "maillage-bench-mandats-"));
const url = process.argv[2] ?? `sqlite:${join(folder, "maillage.sqlite")}`;
const port = 18_460;
const site = `http://localhost:${port}`;
const wait = (ms) => new Promise((r) => setTimeout(r, ms));
const note = (line) => console.error(line);

if (!process.env.MAILLAGE_BIN) {
  execFileSync("cargo", ["build", "--locked", "--release", "--package", "app", "--bin", "maillage"], { cwd: root, stdio: "inherit" });
}

const start = performance.now();
const seconds = () => ((performance.now() - start) / 1000).toFixed(1);
const server = spawn(binary, ["demo", "--port", String(port), "--data", folder, "--database", url], { stdio: ["ignore", "pipe", "inherit"] });
let opened;
server.stdout.setEncoding("utf8").on("data", (text) => {
  if (text.includes("est prête")) opened ??= seconds();
});

async function figures() {
  try {
    const answer = await fetch(`${site}/api/v1/mandats/statistiques`);
    return answer.status === 200 ? await answer.json() : undefined;
  } catch {
    return undefined;
  }
}

// Times of a page, one after the other: half of them are under the first figure, all but one in a hundred under the second.
async function times(path, count = 300) {
  const all = [];
  for (let i = 0; i < count; i += 1) {
    const begun = performance.now();
    const answer = await fetch(`${site}${path}`);
    await answer.arrayBuffer();
    if (answer.status !== 200) throw new Error(`${path} : ${answer.status}`);
    all.push(performance.now() - begun);
  }
  all.sort((a, b) => a - b);
  const at = (part) => `${all[Math.floor(part * (all.length - 1))].toFixed(1)} ms`;
  return `médiane ${at(0.5)}, 99 % ${at(0.99)}`;
}

try {
  while (opened === undefined) await wait(200);
  note(`La démonstration s’ouvre en ${opened} s.`);
  let mandats = 0;
  while (mandats < 300_000) {
    await wait(5_000);
    mandats = (await figures())?.pays.mandats ?? mandats;
    if (performance.now() - start > 45 * 60_000) throw new Error("les mandats ne sont pas venus en 45 minutes");
  }
  console.log(`Ouverture : ${opened} s ; tout le pays : ${seconds()} s`);
} finally {
  server.kill("SIGTERM");
  await new Promise((r) => server.once("exit", r));
}

// Served for real: the demonstration holds floods of requests, this one does not.
const env = {
  ...process.env,
  MAILLAGE_DATABASE_URL: url,
  MAILLAGE_SERVEUR_ADRESSE: `127.0.0.1:${port}`,
  MAILLAGE_SERVEUR_ADRESSE_PRIVEE: `127.0.0.1:${port + 1}`,
  MAILLAGE_SERVEUR_ORIGINE: site,
  MAILLAGE_LIMITES_REQUETES_PAR_SECONDE: "0",
  MAILLAGE_TRACES_NIVEAU: "warn",
};
const served = spawn(binary, ["serve", "--sans-taches"], { cwd: folder, env, stdio: ["ignore", "ignore", "inherit"] });
try {
  while ((await figures()) === undefined) await wait(100);
  console.log(`Statistiques publiques, page : ${await times("/statistiques-mandats")}`);
  console.log(`Statistiques publiques, JSON : ${await times("/api/v1/mandats/statistiques")}`);
} finally {
  served.kill("SIGTERM");
  await new Promise((r) => served.once("exit", r));
}
const begun = performance.now();
const verified = spawnSync(binary, ["journal", "verify", "--database", url], { cwd: folder, encoding: "utf8" });
console.log(`journal verify : ${((performance.now() - begun) / 1000).toFixed(2)} s ; ${(verified.stdout + verified.stderr).trim().split("\n")[0]}`);
if (url.startsWith("sqlite:")) console.log(`Base : ${(statSync(url.slice(7)).size / 2 ** 30).toFixed(2)} Gio`);
rmSync(folder, { recursive: true, force: true });
