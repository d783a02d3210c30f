// Asks a page at a constant rate and says how long the answers took, as one line of JSON:
//   node scripts/charge.mjs URL [requests a second] [seconds]
// CHARGE_COOKIE, when set, is sent with each request: a page of somebody who is signed in.
// The rate does not slow down when the server does: a late answer counts from when it was due.
import http from "node:http";

const [url, rate = "200", seconds = "20"] = process.argv.slice(2);
const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
const headers = { "accept-encoding": "br", ...(process.env.CHARGE_COOKIE ? { cookie: process.env.CHARGE_COOKIE } : {}) };
const durations = [];
let errors = 0;
let bytes = 0;

function ask() {
  const due = performance.now();
  return new Promise((resolve) => {
    const request = http.get(url, { agent, headers }, (response) => {
      response.on("data", (chunk) => (bytes += chunk.length));
      response.on("end", () => {
        durations.push(performance.now() - due);
        if (response.statusCode !== 200) errors += 1;
        resolve();
      });
    });
    request.on("error", () => {
      errors += 1;
      resolve();
    });
  });
}

for (let i = 0; i < 20; i += 1) await ask(); // warm-up
durations.length = 0;
bytes = 0;
const total = Number(rate) * Number(seconds);
const start = performance.now();
const running = [];
for (let i = 0; i < total; i += 1) {
  const wait = start + (i * 1000) / Number(rate) - performance.now();
  if (wait > 1) await new Promise((r) => setTimeout(r, wait));
  running.push(ask());
}
await Promise.all(running);
const elapsed = (performance.now() - start) / 1000;
durations.sort((a, b) => a - b);
const at = (q) => Number((durations[Math.min(durations.length - 1, Math.floor(q * durations.length))] ?? NaN).toFixed(2));
console.log(
  JSON.stringify({
    requests: durations.length,
    errors,
    per_second: Number((durations.length / elapsed).toFixed(1)),
    median_ms: at(0.5),
    p90_ms: at(0.9),
    p99_ms: at(0.99),
    max_ms: at(1),
    bytes_each: Math.round(bytes / Math.max(1, durations.length)),
  }),
);
agent.destroy();
