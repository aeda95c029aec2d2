// Where the browser says it is, rounded before anybody sees it.

const DECIMALS = 3; // about 100 metres: enough to rank halls, too coarse to tell a home
const WAIT_MS = 10_000;
const REASONS = { 1: "denied", 2: "unavailable", 3: "timeout" }; // GeolocationPositionError.code

export const canTell = "geolocation" in navigator && window.isSecureContext;

// The position as texts, { lat, lon }, WGS-84; rejects with the reason why there is none.
export function whereAmI() {
  return new Promise((resolve, reject) => {
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => resolve({ lat: coords.latitude.toFixed(DECIMALS), lon: coords.longitude.toFixed(DECIMALS) }),
      (error) => reject(REASONS[error.code] ?? "unavailable"),
      { timeout: WAIT_MS, maximumAge: 60_000 },
    );
  });
}
