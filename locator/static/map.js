// The map beside the list: drawn from the data-* attributes of the list, over rivers, names and a graticule.
// The list is the page; whatever fails here leaves it as it is.

const L = window.L;
const box = document.getElementById("map");
const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
const cards = [...document.querySelectorAll(".cards > .card")];
const origin = document.querySelector(".cards").dataset;
const MARKER = 34; // pixels
const BUTTONS = L.bounds([0, 0], [66, 112]); // the zoom buttons' corner, pixels
const SCALE = { width: 130, height: 36 }; // the scale's, top right
const at = ({ lat, lon }) => [Number(lat), Number(lon)];

const map = showMap();
const markers = cards.map(addOutlet);
addOrigin();
addBase();
fit();
stepAside();
map.on("zoomend", stepAside);

function showMap() {
  document.getElementById("map-section").hidden = false;
  document.querySelector("main").classList.add("mapped");
  const tiles = box.dataset.tiles;
  const made = L.map(box, {
    attributionControl: false, zoomControl: false, maxZoom: 18, minZoom: 6, zoomSnap: 0.5,
    zoomAnimation: !still, fadeAnimation: !still, markerZoomAnimation: !still, inertia: !still,
  });
  L.control.zoom({ zoomInTitle: box.dataset.zoomIn, zoomOutTitle: box.dataset.zoomOut }).addTo(made);
  L.control.scale({ imperial: false, position: "topright" }).addTo(made);
  const credits = L.control.attribution({ position: "bottomleft", prefix: false }).addTo(made);
  credits.addAttribution(box.dataset.riversCredit);
  if (tiles) L.tileLayer(tiles, { attribution: box.dataset.credit, maxZoom: 18 }).addTo(made);
  return made;
}

function icon(html, className, size) {
  return L.divIcon({ html, className, iconSize: size });
}

function addOutlet(card) {
  const { number, exact } = card.dataset;
  const kind = exact === "yes" ? "pin" : "soft";
  const name = card.querySelector("h3").textContent.trim();
  const marker = L.marker(at(card.dataset), {
    icon: icon(`<span>${Number(number)}</span>`, `outlet ${kind}`, [44, 44]),
    title: name, alt: name, riseOnHover: true,
  }).addTo(map);
  marker.on("click", () => choose(card, { go: "card" }));
  card.querySelector(".number").replaceWith(numberButton(card));
  return marker;
}

// Halls known only to their district often share one point, and far out all are close: each steps aside until it can
// be seen. Exact ones choose first, and are back in their place as soon as one zooms in.
function stepAside() {
  const start = map.latLngToLayerPoint(at(origin));
  const taken = [];
  const exactFirst = [...cards.keys()].sort((a, b) => isExact(cards[b]) - isExact(cards[a]) || a - b);
  for (const index of exactFirst) {
    const { x, y } = map.latLngToLayerPoint(at(cards[index].dataset));
    const others = isExact(cards[index]) ? taken : [start, ...taken];
    const free = (step) => others.every((other) => Math.hypot(other.x - x - step, other.y - y) >= MARKER);
    let step = 0;
    while (!free(step)) step += MARKER / 4;
    taken.push({ x: x + step, y });
    markers[index].getElement().style.setProperty("--step", `${step}px`);
  }
}

function isExact(card) {
  return card.dataset.exact === "yes";
}

function numberButton(card) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "number";
  button.textContent = card.dataset.number;
  button.setAttribute("aria-label", `${card.dataset.number}: ${box.dataset.onMap}`);
  button.addEventListener("click", () => choose(card, { go: "map" }));
  return button;
}

function choose(card, { go }) {
  for (const [index, other] of cards.entries()) {
    other.classList.toggle("chosen", other === card);
    markers[index].getElement().classList.toggle("chosen", other === card);
    markers[index].setZIndexOffset(other === card ? 1000 : 0);
  }
  const shown = go === "card" ? card : box;
  shown.scrollIntoView({ behavior: still ? "auto" : "smooth", block: "nearest" });
  if (go === "card") card.focus({ preventScroll: true });
  else map.panTo(at(card.dataset), { animate: !still });
}

function addOrigin() {
  L.marker(at(origin), {
    icon: icon("", "from", [20, 20]), title: box.dataset.origin, alt: box.dataset.origin, keyboard: false,
    interactive: false, zIndexOffset: -500,
  }).addTo(map);
}

function fit() {
  const points = [at(origin), ...cards.map((card) => at(card.dataset))];
  const room = { paddingTopLeft: [BUTTONS.max.x + MARKER / 2, 40], paddingBottomRight: [MARKER, 40] };
  map.fitBounds(points, { ...room, animate: false, maxZoom: 12 });
}

// -- the offline base: rivers, names, graticule --

async function addBase() {
  const grid = L.layerGroup().addTo(map);
  const names = L.layerGroup().addTo(map);
  const [rivers, places] = await Promise.all([fetchJson(box.dataset.rivers), fetchJson(box.dataset.names)]);
  L.geoJSON(rivers, { interactive: false, style: (river) => ({ className: riverClass(river) }) }).addTo(map);
  const labels = [...rivers.features.map(riverLabel), ...places.map(districtLabel)];
  const draw = () => { drawGrid(grid); drawNames(names, labels); };
  map.on("moveend", draw);
  draw();
}

async function fetchJson(url) {
  return (await fetch(url)).json();
}

function riverClass({ properties }) {
  return properties.scalerank <= 5 ? "river great" : "river";
}

// A label and the points where it may stand, in order.
function districtLabel(place) {
  return { text: inWords(place.zh, place.en), points: [at(place)], kind: "name" };
}

function riverLabel({ properties, geometry }) {
  const lines = geometry.type === "LineString" ? [geometry.coordinates] : geometry.coordinates;
  const points = lines.flat().map(([lon, lat]) => [lat, lon]);
  return { text: inWords(properties.name_zh, properties.name_en), points, kind: "name water" };
}

function inWords(zh, en) {
  return box.dataset.language === "zh" ? zh : en;
}

// A name is drawn only where it is whole and covers no marker, no button and no name drawn before it.
function drawNames(layer, labels) {
  layer.clearLayers();
  const view = L.bounds([0, 0], map.getSize());
  const outlets = cards.map((card) => boxAround(map.latLngToContainerPoint(at(card.dataset)), 2 * MARKER, MARKER));
  const taken = [...outlets, boxAround(map.latLngToContainerPoint(at(origin)), 20, 20), BUTTONS, scaleSpace(view)];
  for (const { text, points, kind } of labels) {
    const spot = nearMiddle(points, view)
      .flatMap((point) => [0, 20, -20].map((down) => ({ point, down, space: spaceOf(text, point, down) })))
      .find(({ space }) => view.contains(space) && taken.every((other) => !other.intersects(space)));
    if (!spot) continue;
    taken.push(spot.space);
    drawName(layer, text, kind, spot);
  }
}

function scaleSpace(view) {
  const right = view.max.x;
  return L.bounds([right - SCALE.width, 0], [right, SCALE.height]);
}

function nearMiddle(points, view) {
  const middle = view.getCenter();
  const seen = points.filter((point) => view.contains(map.latLngToContainerPoint(point)));
  const away = (point) => map.latLngToContainerPoint(point).distanceTo(middle);
  return seen.sort((one, other) => away(one) - away(other)).slice(0, 12);
}

function spaceOf(text, point, down) {
  const { x, y } = map.latLngToContainerPoint(point);
  return boxAround({ x, y: y + down }, widthOf(text), 20);
}

function drawName(layer, text, kind, { point, down }) {
  const html = document.createElement("span");
  html.textContent = text;
  const label = L.divIcon({ html, className: kind, iconSize: [160, 20], iconAnchor: [80, 10 - down] });
  L.marker(point, { icon: label, interactive: false, keyboard: false, zIndexOffset: -900 }).addTo(layer);
}

function widthOf(text) {
  return [...text].reduce((sum, letter) => sum + (letter > "\u2e80" ? 15 : 8), 6);
}

function boxAround({ x, y }, width, height) {
  return L.bounds([x - width / 2, y - height / 2], [x + width / 2, y + height / 2]);
}

function drawGrid(layer) {
  layer.clearLayers();
  const view = map.getBounds();
  const step = [1, 0.5, 0.2, 0.1, 0.05].find((degrees) => map.getZoom() < 9.5 - Math.log2(degrees)) ?? 0.05;
  const lines = (from, to) => {
    const first = Math.ceil(from / step);
    return Array.from({ length: Math.max(0, Math.floor(to / step) - first + 1) }, (_, i) => (first + i) * step);
  };
  const style = { className: "grid", interactive: false };
  for (const lon of lines(view.getWest(), view.getEast())) {
    L.polyline([[view.getSouth(), lon], [view.getNorth(), lon]], style).addTo(layer);
    mark(layer, [view.getNorth(), lon], `${degrees(lon)}E`, "degree above");
  }
  for (const lat of lines(view.getSouth(), view.getNorth())) {
    L.polyline([[lat, view.getWest()], [lat, view.getEast()]], style).addTo(layer);
    mark(layer, [lat, view.getEast()], `${degrees(lat)}N`, "degree beside");
  }
}

function degrees(value) {
  return `${Number(value.toFixed(2))}°`;
}

function mark(layer, point, text, kind) {
  const space = boxAround(map.latLngToContainerPoint(point), 60, 20);
  if (BUTTONS.intersects(space) || scaleSpace(L.bounds([0, 0], map.getSize())).intersects(space)) return;
  L.marker(point, { icon: icon(`<span>${text}</span>`, kind, [0, 0]), interactive: false, keyboard: false }).addTo(layer);
}

// -- folding it away on a small screen --

const toggle = document.getElementById("map-toggle");
toggle.addEventListener("click", () => {
  box.hidden = !box.hidden;
  toggle.setAttribute("aria-expanded", String(!box.hidden));
  toggle.textContent = box.hidden ? toggle.dataset.show : toggle.dataset.hide;
  if (!box.hidden) map.invalidateSize();
});
