// How far off a rough position may be, as a pale circle under its marker.

import { isThere } from "./base.js";
import { fetchedJson } from "./fetched.js";
import { drawn } from "./shift.js";

// Kilometres around a position that is known to its town or its district; 0 if it is known better, or nobody knows.
export function reachKm({ precision, district }, names) {
  if (precision === "town") return names.town_km;
  if (precision !== "district") return 0;
  return names.districts.find(({ zh }) => zh === district)?.km ?? 0;
}

export function areaAt(L, place, km) {
  return L.circle(drawn(place), { radius: km * 1000, className: "area", interactive: false });
}

// Under the places, one for all that share a point. Resolves to nothing when the sizes cannot be had.
export async function drawAreas(L, map, places, namesUrl) {
  const names = await fetchedJson(namesUrl).catch(() => null);
  if (!names || !isThere(map)) return;
  const areas = new Map(places.map((place) => [`${place.lat} ${place.lon} ${place.precision}`, place]));
  for (const place of areas.values()) {
    const km = reachKm(place, names);
    if (km) areaAt(L, place, km).addTo(map);
  }
}
