// Files fictitious applications from many clients at once, as browsers do: the page, a pause, the form, twice now and then.
//   node scripts/depots.mjs ORIGIN [applications] [clients]
// Says as one line of JSON how long the answers to the form took, and how many were not « enregistrée ».
import http from "node:http";

const [origin, total = "14000", clients = "64"] = process.argv.slice(2);
const agent = new http.Agent({ keepAlive: true, maxSockets: Number(clients) });
const communes = [
  ["23000", "Guéret"], ["01000", "Bourg-en-Bresse"], ["02000", "Laon"], ["59000", "Lille"], ["75011", "Paris"], ["13001", "Marseille"],
  ["69003", "Lyon"], ["33000", "Bordeaux"], ["44000", "Nantes"], ["35000", "Rennes"], ["97400", "Saint-Denis"], ["20000", "Ajaccio"],
];
const durations = [];
let errors = 0;
let next = 0;

function send(method, path, body) {
  const start = performance.now();
  return new Promise((resolve, reject) => {
    const headers = { origin, "sec-fetch-site": "same-origin" };
    if (body) Object.assign(headers, { "content-type": "application/x-www-form-urlencoded", "content-length": Buffer.byteLength(body) });
    const request = http.request(`${origin}${path}`, { method, agent, headers }, (response) => {
      let text = "";
      response.on("data", (chunk) => (text += chunk));
      response.on("end", () => resolve({ status: response.statusCode, ms: performance.now() - start, text, location: response.headers.location }));
    });
    request.on("error", reject);
    request.end(body);
  });
}

/** The page, as each person opens it: what its form hides. */
async function read(n) {
  const page = await send("GET", "/candidature");
  const hidden = (name) => new RegExp(`name="${name}" value="([^"]*)"`).exec(page.text)?.[1] ?? "";
  return { n, depot: hidden("depot"), affiche: hidden("affiche") };
}

async function apply({ n, depot, affiche }) {
  const [code, commune] = communes[n % communes.length];
  const day = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
  const body = new URLSearchParams({
    depot,
    affiche,
    prenom: "Camille",
    nom: `Fictif-${n}`,
    courriel: `depot-${n}@demonstration.example.org`,
    code_postal: code,
    commune,
    rayon: "20",
    disponible_le: day,
    situations: "demandeur_emploi",
    motivation: "Candidature fictive : mesurer combien de personnes peuvent candidater à la fois.",
    action: "deposer",
  }).toString();
  const sent = await send("POST", "/candidature", body);
  durations.push(sent.ms);
  if (sent.status !== 303) {
    errors += 1;
    if (errors < 4) console.error(sent.status, /fr-error-text[^>]*>([^<]*)/.exec(sent.text)?.[1] ?? sent.text.slice(0, 300));
  }
  // One in ten presses the button twice.
  if (n % 10 === 0) await send("POST", "/candidature", body);
}

/** So many clients at once, each with one request at a time, until the list is done. */
async function all(list, work) {
  const done = [];
  const client = async () => {
    while (next < list.length) {
      const rank = next;
      next += 1;
      done[rank] = await work(list[rank]).catch(() => (errors += 1));
    }
  };
  next = 0;
  await Promise.all(Array.from({ length: Number(clients) }, client));
  return done;
}

const pages = await all(Array.from({ length: Number(total) }, (_, n) => n + 1), read);
// Nobody reads and fills the form in under three seconds.
await new Promise((r) => setTimeout(r, 3_100));
const start = performance.now();
await all(pages, apply);
const seconds = (performance.now() - start) / 1000;
durations.sort((a, b) => a - b);
const at = (q) => Number((durations[Math.min(durations.length - 1, Math.floor(q * durations.length))] ?? NaN).toFixed(1));
console.log(JSON.stringify({ filed: durations.length, errors, seconds: Math.round(seconds), median_ms: at(0.5), p99_ms: at(0.99), max_ms: at(1) }));
agent.destroy();
