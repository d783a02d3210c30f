// Files fictitious applications from many clients at once, as browsers do: the page, a pause, the form, twice now and then.
//   node scripts/depots.mjs ORIGIN [applications] [clients]
// Says as one line of JSON how long the answers to the form took, and how many were not « enregistrée ».
import http from "node:http";

const [origin, total = "14000", clients = "64"] = process.argv.slice(2);
const agent = new http.Agent({ keepAlive: true, maxSockets: Number(clients) });
const communes = ["23000", "01000", "02000", "59000", "75011", "13001", "69003", "33000", "44000", "35000", "97400", "20000"];
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

async function apply(n) {
  const page = await send("GET", "/candidature");
  const hidden = (name) => new RegExp(`name="${name}" value="([^"]*)"`).exec(page.text)?.[1] ?? "";
  const [depot, affiche] = [hidden("depot"), hidden("affiche")];
  await new Promise((r) => setTimeout(r, 3_100));
  const day = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
  const body = new URLSearchParams({
    depot,
    affiche,
    prenom: "Camille",
    nom: `Fictif-${n}`,
    courriel: `depot-${n}@demonstration.example.org`,
    code_postal: communes[n % communes.length],
    commune: communes[n % communes.length],
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

async function client() {
  while (next < Number(total)) {
    next += 1;
    await apply(next).catch(() => (errors += 1));
  }
}

const start = performance.now();
// Each client has as many people reading their page at a time as fill the pause: the server is never idle.
const readers = Number(clients) * 16;
await Promise.all(Array.from({ length: Math.min(readers, Number(total)) }, client));
const seconds = (performance.now() - start) / 1000;
durations.sort((a, b) => a - b);
const at = (q) => Number((durations[Math.min(durations.length - 1, Math.floor(q * durations.length))] ?? NaN).toFixed(1));
console.log(JSON.stringify({ filed: durations.length, errors, seconds: Math.round(seconds), median_ms: at(0.5), p99_ms: at(0.99), max_ms: at(1) }));
agent.destroy();
