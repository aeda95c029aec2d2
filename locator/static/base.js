// The offline base of a map: rivers, the names of districts, a graticule. It needs nobody's tiles.

import { boxAround, pointsOf } from "./labels.js";
import { fetchedJson } from "./fetched.js";

const STEPS = [1, 0.5, 0.2, 0.1, 0.05]; // degrees
const [RIVER, DISTRICT] = [1, 2]; // which name stands first

// `labels`: where names are put; `corners`: tells the boxes of the map's buttons. What cannot be fetched is left out.
export function layBase(map, box, labels, corners) {
  const grid = new Grid(map, corners);
  map.on("moveend", () => grid.draw());
  grid.draw();
  fetchedJson(box.dataset.names).then((names) => {
    if (!isThere(map)) return;
    labels.add(names.districts.map((place) => ({ text: place.name, points: pointsOf([place]), kind: "name", rank: DISTRICT })));
    fetchedJson(box.dataset.rivers).then((rivers) => drawRivers(map, labels, rivers, names.rivers), () => {});
  }, () => {});
}

// Whether it was not taken away while its files were on the way.
export function isThere(map) {
  return map.getPane("mapPane") !== undefined;
}

function drawRivers(map, labels, rivers, names) {
  if (!isThere(map)) return;
  window.L.geoJSON(rivers, {
    interactive: false,
    coordsToLatLng: ([lon, lat]) => window.L.latLng(pointsOf([{ lat, lon }])[0]),
    style: ({ properties }) => ({ className: properties.scalerank <= 5 ? "river great" : "river" }),
  }).addTo(map);
  labels.add(rivers.features.map(({ properties, geometry }) => {
    const lines = geometry.type === "LineString" ? [geometry.coordinates] : geometry.coordinates;
    const points = pointsOf(lines.flat().map(([lon, lat]) => ({ lat, lon })));
    return { text: names[properties.name_zh], points, kind: "name water", rank: RIVER };
  }));
}

class Grid {
  constructor(map, corners) {
    this.L = window.L;
    this.map = map;
    this.corners = corners;
    this.layer = this.L.layerGroup().addTo(map);
  }

  draw() {
    const { L, layer } = this;
    this.taken = this.corners(); // asked once, before anything is drawn: each asking lays the page out
    layer.clearLayers();
    const view = this.map.getBounds();
    const step = STEPS.find((size) => this.map.getZoom() < 9.5 - Math.log2(size)) ?? STEPS.at(-1);
    const style = { className: "grid", interactive: false };
    for (const lon of multiples(step, view.getWest(), view.getEast())) {
      L.polyline([[view.getSouth(), lon], [view.getNorth(), lon]], style).addTo(layer);
      this.#mark([view.getNorth(), lon], `${degrees(lon)}E`, "degree above");
    }
    for (const lat of multiples(step, view.getSouth(), view.getNorth())) {
      L.polyline([[lat, view.getWest()], [lat, view.getEast()]], style).addTo(layer);
      this.#mark([lat, view.getEast()], `${degrees(lat)}N`, "degree beside");
    }
  }

  #mark(point, text, className) {
    const space = boxAround(this.L, this.map.latLngToContainerPoint(point), 60, 20);
    if (this.taken.some((corner) => corner.intersects(space))) return;
    const icon = this.L.divIcon({ html: `<span>${text}</span>`, className, iconSize: [0, 0] });
    this.L.marker(point, { icon, interactive: false, keyboard: false }).addTo(this.layer);
  }
}

function multiples(step, from, to) {
  const first = Math.ceil(from / step);
  return Array.from({ length: Math.max(0, Math.floor(to / step) - first + 1) }, (_, i) => (first + i) * step);
}

function degrees(value) {
  return `${Number(value.toFixed(2))}°`;
}
