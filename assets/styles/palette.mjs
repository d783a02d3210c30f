// Turns a blue of the State into the petrol blue of Maillage with the same perceived lightness, so that every contrast
// ratio of the design system holds.

const HUE = (215 * Math.PI) / 180;
const CHROMA = 0.62;

const toLinear = (c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
const toGamma = (c) => (c <= 0.0031308 ? 12.92 * c : 1.055 * c ** (1 / 2.4) - 0.055);

function toOklab(hex) {
  const [r, g, b] = [1, 3, 5].map((i) => toLinear(Number.parseInt(hex.slice(i, i + 2), 16) / 255));
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

function toRgb(L, a, b) {
  const l = (L + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (L - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (L - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
}

/** `#rrggbb` → `#rrggbb`. The chroma is lowered until the colour exists on a screen. */
export function shade(hex, light = true) {
  const [lightness, a, b] = toOklab(hex);
  // In the light theme the deep blue of links and buttons would turn almost black: it is lifted, and still stands at
  // 8:1 on white. In the dark theme it is the ink on light buttons, and stays deep.
  const L = light && lightness < 0.45 && Math.hypot(a, b) > 0.1 ? lightness + 0.09 : lightness;
  let chroma = Math.hypot(a, b) * CHROMA;
  for (;;) {
    const rgb = toRgb(L, chroma * Math.cos(HUE), chroma * Math.sin(HUE));
    if (chroma < 0.001 || rgb.every((c) => c >= -0.0005 && c <= 1.0005)) {
      const byte = (c) => Math.round(255 * toGamma(Math.min(1, Math.max(0, c)))).toString(16).padStart(2, '0');
      return `#${rgb.map(byte).join('')}`;
    }
    chroma -= 0.002;
  }
}
