// Conformal conic projection (Lambert) on a sphere, the shape in which people know the country. One formula serves the
// hexagon and every overseas territory; Rust draws with the same parameters:
//
//   rho(lat) = f / tan(π/4 + lat/2)^n
//   x = k · rho(lat) · sin(n · (lon − lon0)) + tx
//   y = k · (rho(lat) · cos(n · (lon − lon0)) − rho0) + ty          (y grows downward; angles in radians)

const RAD = Math.PI / 180;
const t = (lat) => Math.tan(Math.PI / 4 + (lat * RAD) / 2);

/** Projection centred on (lon0, lat0), true at the parallels `lat1` and `lat2`; unit: radius of the Earth. */
export function conic(lon0, lat0, lat1 = lat0, lat2 = lat0) {
  const n = lat1 === lat2
    ? Math.sin(lat1 * RAD)
    : Math.log(Math.cos(lat1 * RAD) / Math.cos(lat2 * RAD)) / Math.log(t(lat2) / t(lat1));
  const f = (Math.cos(lat1 * RAD) * t(lat1) ** n) / n;
  const rho = (lat) => f / t(lat) ** n;
  const rho0 = rho(lat0);
  return {
    n, f, rho0, lon0,
    project([lon, lat]) {
      const angle = n * (lon - lon0) * RAD;
      return [rho(lat) * Math.sin(angle), rho(lat) * Math.cos(angle) - rho0];
    },
    invert([x, y]) {
      const yy = y + rho0;
      const radius = Math.sign(n) * Math.hypot(x, yy);
      const angle = Math.atan2(Math.sign(n) * x, Math.sign(n) * yy);
      return [lon0 + angle / n / RAD, (2 * Math.atan((f / radius) ** (1 / n)) - Math.PI / 2) / RAD];
    },
  };
}

export const EARTH = 6371;
/** The hexagon and Corsica: the parallels of Lambert-93. */
export const FRANCE = conic(3, 46.5, 44, 49);
