// A map beside a list of cards: drawn from their data-* attributes, over rivers, names and a graticule.
// The list is what counts; whatever fails here leaves it as it is. Leaflet must be on the page before.

const MARKER = 34; // pixels
const SCALE = { width: 130, height: 36 }; // the scale's, top right
const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
const at = ({ lat, lon }) => [Number(lat), Number(lon)];
const isExact = (card) => card.dataset.exact === "yes";

// `box`: an element with the map's words and files; `origin`: where distances are measured from, { lat, lon }, or {}
// when that is nobody's business.
export function drawMap(box, cards, origin) {
  return new OutletMap(box, [...cards], origin);
}

class OutletMap {
  constructor(box, cards, origin) {
    this.L = window.L;
    this.box = box;
    this.cards = cards;
    this.starts = origin.lat ? [origin] : [];
    this.buttons = this.L.bounds([0, 0], [66, 112]); // the zoom buttons' corner, pixels
    this.map = this.#shown();
    this.markers = cards.map((card) => this.#addOutlet(card));
    this.#addOrigin();
    this.#addBase();
    this.#fit();
    this.#stepAside();
    this.map.on("zoomend", () => this.#stepAside());
  }

  // To be told when the box has another size.
  resized() {
    this.map.invalidateSize();
  }

  // Leave the cards as they were before.
  remove() {
    this.map.remove();
    for (const card of this.cards) {
      card.classList.remove("chosen");
      const number = document.createElement("span");
      number.className = "number";
      number.textContent = card.dataset.number;
      card.querySelector(".number").replaceWith(number);
    }
  }

  #shown() {
    const { L, box } = this;
    const { tiles } = box.dataset;
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

  #icon(html, className, size) {
    return this.L.divIcon({ html, className, iconSize: size });
  }

  #addOutlet(card) {
    const kind = isExact(card) ? "pin" : "soft";
    const name = card.querySelector("h3").lastElementChild.textContent.trim();
    const marker = this.L.marker(at(card.dataset), {
      icon: this.#icon(`<span>${Number(card.dataset.number)}</span>`, `outlet ${kind}`, [44, 44]),
      title: name, alt: name, riseOnHover: true,
    }).addTo(this.map);
    marker.on("click", () => this.#choose(card, { go: "card" }));
    card.querySelector(".number").replaceWith(this.#numberButton(card));
    return marker;
  }

  // Halls known only to their district often share one point, and far out all are close: each steps aside until it can
  // be seen. Exact ones choose first, and are back in their place as soon as one zooms in.
  #stepAside() {
    const { map, cards, markers } = this;
    const starts = this.starts.map((one) => map.latLngToLayerPoint(at(one)));
    const taken = [];
    const exactFirst = [...cards.keys()].sort((a, b) => isExact(cards[b]) - isExact(cards[a]) || a - b);
    for (const index of exactFirst) {
      const { x, y } = map.latLngToLayerPoint(at(cards[index].dataset));
      const others = isExact(cards[index]) ? taken : [...starts, ...taken];
      const free = (step) => others.every((other) => Math.hypot(other.x - x - step, other.y - y) >= MARKER);
      let step = 0;
      while (!free(step)) step += MARKER / 4;
      taken.push({ x: x + step, y });
      markers[index].getElement().style.setProperty("--step", `${step}px`);
    }
  }

  #numberButton(card) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "number";
    button.textContent = card.dataset.number;
    button.setAttribute("aria-label", `${card.dataset.number}: ${this.box.dataset.onMap}`);
    button.addEventListener("click", () => this.#choose(card, { go: "map" }));
    return button;
  }

  #choose(card, { go }) {
    for (const [index, other] of this.cards.entries()) {
      other.classList.toggle("chosen", other === card);
      this.markers[index].getElement().classList.toggle("chosen", other === card);
      this.markers[index].setZIndexOffset(other === card ? 1000 : 0);
    }
    const shown = go === "card" ? card : this.box;
    shown.scrollIntoView({ behavior: still ? "auto" : "smooth", block: "nearest" });
    if (go === "card") card.focus({ preventScroll: true });
    else this.map.panTo(at(card.dataset), { animate: !still });
  }

  #addOrigin() {
    const { origin } = this.box.dataset;
    for (const start of this.starts) {
      this.L.marker(at(start), {
        icon: this.#icon("", "from", [20, 20]), title: origin, alt: origin, keyboard: false, interactive: false,
        zIndexOffset: -500,
      }).addTo(this.map);
    }
  }

  #fit() {
    const points = [...this.starts, ...this.cards.map(({ dataset }) => dataset)].map(at);
    const room = { paddingTopLeft: [this.buttons.max.x + MARKER / 2, 40], paddingBottomRight: [MARKER, 40] };
    this.map.fitBounds(points, { ...room, animate: false, maxZoom: 12 });
  }

  // -- the offline base: rivers, names, graticule --

  async #addBase() {
    const { L, map, box } = this;
    const grid = L.layerGroup().addTo(map);
    const names = L.layerGroup().addTo(map);
    const [rivers, places] = await Promise.all([fetchJson(box.dataset.rivers), fetchJson(box.dataset.names)]);
    L.geoJSON(rivers, { interactive: false, style: (river) => ({ className: riverClass(river) }) }).addTo(map);
    const labels = [
      ...rivers.features.map((river) => this.#riverLabel(river)), ...places.map((place) => this.#districtLabel(place)),
    ];
    const draw = () => { this.#drawGrid(grid); this.#drawNames(names, labels); };
    map.on("moveend", draw);
    draw();
  }

  // A label and the points where it may stand, in order.
  #districtLabel(place) {
    return { text: this.#inWords(place.zh, place.en), points: [at(place)], kind: "name" };
  }

  #riverLabel({ properties, geometry }) {
    const lines = geometry.type === "LineString" ? [geometry.coordinates] : geometry.coordinates;
    const points = lines.flat().map(([lon, lat]) => [lat, lon]);
    return { text: this.#inWords(properties.name_zh, properties.name_en), points, kind: "name water" };
  }

  #inWords(zh, en) {
    return this.box.dataset.language === "zh" ? zh : en;
  }

  // A name is drawn only where it is whole and covers no marker, no button and no name drawn before it.
  #drawNames(layer, labels) {
    layer.clearLayers();
    const view = this.L.bounds([0, 0], this.map.getSize());
    const outlets = this.cards.map((card) => this.#boxAt(card.dataset, 2 * MARKER, MARKER));
    const starts = this.starts.map((one) => this.#boxAt(one, 20, 20));
    const taken = [...outlets, ...starts, this.buttons, this.#scaleSpace(view)];
    for (const { text, points, kind } of labels) {
      const spot = this.#nearMiddle(points, view)
        .flatMap((point) => [0, 20, -20].map((down) => ({ point, down, space: this.#spaceOf(text, point, down) })))
        .find(({ space }) => view.contains(space) && taken.every((other) => !other.intersects(space)));
      if (!spot) continue;
      taken.push(spot.space);
      this.#drawName(layer, text, kind, spot);
    }
  }

  #scaleSpace(view) {
    const right = view.max.x;
    return this.L.bounds([right - SCALE.width, 0], [right, SCALE.height]);
  }

  #nearMiddle(points, view) {
    const { map } = this;
    const middle = view.getCenter();
    const seen = points.filter((point) => view.contains(map.latLngToContainerPoint(point)));
    const away = (point) => map.latLngToContainerPoint(point).distanceTo(middle);
    return seen.sort((one, other) => away(one) - away(other)).slice(0, 12);
  }

  #spaceOf(text, point, down) {
    const { x, y } = this.map.latLngToContainerPoint(point);
    return this.#boxAround({ x, y: y + down }, widthOf(text), 20);
  }

  #drawName(layer, text, kind, { point, down }) {
    const html = document.createElement("span");
    html.textContent = text;
    const label = this.L.divIcon({ html, className: kind, iconSize: [160, 20], iconAnchor: [80, 10 - down] });
    this.L.marker(point, { icon: label, interactive: false, keyboard: false, zIndexOffset: -900 }).addTo(layer);
  }

  #boxAt(place, width, height) {
    return this.#boxAround(this.map.latLngToContainerPoint(at(place)), width, height);
  }

  #boxAround({ x, y }, width, height) {
    return this.L.bounds([x - width / 2, y - height / 2], [x + width / 2, y + height / 2]);
  }

  #drawGrid(layer) {
    layer.clearLayers();
    const view = this.map.getBounds();
    const step = [1, 0.5, 0.2, 0.1, 0.05].find((size) => this.map.getZoom() < 9.5 - Math.log2(size)) ?? 0.05;
    const lines = (from, to) => {
      const first = Math.ceil(from / step);
      return Array.from({ length: Math.max(0, Math.floor(to / step) - first + 1) }, (_, i) => (first + i) * step);
    };
    const style = { className: "grid", interactive: false };
    for (const lon of lines(view.getWest(), view.getEast())) {
      this.L.polyline([[view.getSouth(), lon], [view.getNorth(), lon]], style).addTo(layer);
      this.#mark(layer, [view.getNorth(), lon], `${degrees(lon)}E`, "degree above");
    }
    for (const lat of lines(view.getSouth(), view.getNorth())) {
      this.L.polyline([[lat, view.getWest()], [lat, view.getEast()]], style).addTo(layer);
      this.#mark(layer, [lat, view.getEast()], `${degrees(lat)}N`, "degree beside");
    }
  }

  #mark(layer, point, text, kind) {
    const space = this.#boxAround(this.map.latLngToContainerPoint(point), 60, 20);
    const scale = this.#scaleSpace(this.L.bounds([0, 0], this.map.getSize()));
    if (this.buttons.intersects(space) || scale.intersects(space)) return;
    const icon = this.#icon(`<span>${text}</span>`, kind, [0, 0]);
    this.L.marker(point, { icon, interactive: false, keyboard: false }).addTo(layer);
  }
}

async function fetchJson(url) {
  return (await fetch(url)).json();
}

function riverClass({ properties }) {
  return properties.scalerank <= 5 ? "river great" : "river";
}

function widthOf(text) {
  return [...text].reduce((sum, letter) => sum + (letter > "\u2e80" ? 15 : 8), 6);
}

function degrees(value) {
  return `${Number(value.toFixed(2))}°`;
}
