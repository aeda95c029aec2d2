// Names on a map, each only where it is whole and covers nothing: no marker, no button, no name that matters more.

import { make } from "./dom.js";
import { drawn } from "./shift.js";

const HEIGHT = 22; // pixels
const NEXT_TO = [0, 22, -22]; // how far below its point a name may stand
const TRIED = 12; // points of one name

export class Labels {
  #labels = [];
  #shown = new Map(); // by what is drawn where

  // `taken`: tells which boxes, in the container's pixels, names keep clear of.
  constructor(map, taken) {
    this.L = window.L;
    this.map = map;
    this.taken = taken;
    map.on("moveend", () => this.draw());
  }

  // A label: { text, points, kind, rank }, and { href, told } if it leads somewhere. The lowest rank stands first.
  add(labels) {
    this.#labels = [...this.#labels, ...labels].sort((one, other) => one.rank - other.rank);
    this.draw();
  }

  draw() {
    const wanted = this.#placed();
    for (const [key, marker] of this.#shown) {
      if (!wanted.has(key)) {
        marker.remove();
        this.#shown.delete(key);
      }
    }
    for (const [key, spot] of wanted) {
      if (!this.#shown.has(key)) this.#shown.set(key, this.#marker(spot).addTo(this.map));
    }
  }

  #placed() {
    const view = this.L.bounds([0, 0], this.map.getSize());
    const taken = [...this.taken()];
    const placed = new Map();
    const said = new Set();
    for (const label of this.#labels) {
      const spot = said.has(label.text) ? null : this.#spotOf(label, view, taken);
      if (!spot) continue;
      said.add(label.text);
      taken.push(spot.space);
      placed.set(`${label.text} ${spot.point} ${spot.down}`, spot);
    }
    return placed;
  }

  #spotOf(label, view, taken) {
    const width = widthOf(label.text);
    for (const point of this.#nearMiddle(label.points, view)) {
      for (const down of NEXT_TO) {
        const space = boxAround(this.L, this.map.latLngToContainerPoint(point).add([0, down]), width, HEIGHT);
        if (view.contains(space) && !taken.some((other) => other.intersects(space))) return { label, point, down, space };
      }
    }
    return null;
  }

  #nearMiddle(points, view) {
    const middle = view.getCenter();
    return points
      .map((point) => ({ point, pixel: this.map.latLngToContainerPoint(point) }))
      .filter(({ pixel }) => view.contains(pixel))
      .map(({ point, pixel }) => ({ point, away: pixel.distanceTo(middle) }))
      .sort((one, other) => one.away - other.away)
      .slice(0, TRIED)
      .map(({ point }) => point);
  }

  #marker({ label, point, down }) {
    const { href, told, text } = label;
    const html = href ? make("a", { href, "aria-label": told }, text) : make("span", {}, text);
    if (href) followUnlessDragged(this.map, html);
    const size = { iconSize: [160, HEIGHT], iconAnchor: [80, HEIGHT / 2 - down] };
    const icon = this.L.divIcon({ html, className: label.kind, ...size });
    const zIndexOffset = label.href ? 0 : -900;
    return this.L.marker(point, { icon, interactive: false, keyboard: false, zIndexOffset });
  }
}

// A place that a name stands at: where the map draws it.
export function pointsOf(places) {
  return places.map((place) => drawn(place));
}

export function boxAround(L, { x, y }, width, height) {
  return L.bounds([x - width / 2, y - height / 2], [x + width / 2, y + height / 2]);
}

// What is pressed on a map may only have been its grip while the map was drawn along; a key drags nothing.
export function wasDragged(map, { detail }) {
  return detail > 0 && map.dragging.moved();
}

export function followUnlessDragged(map, link) {
  link.draggable = false;
  link.addEventListener("click", (event) => {
    if (wasDragged(map, event)) event.preventDefault();
  });
}

function widthOf(text) {
  return [...text].reduce((sum, letter) => sum + (letter > "\u2e80" ? 15 : 8), 6);
}
