// The map of all that is known: every outlet, many as one, and each district whose outlet's address nobody knows.
// However many there are, only what is in view is in the page.

import { areaAt, reachKm } from "./areas.js";
import { flat, groupsIn } from "./clusters.js";
import { make, press } from "./dom.js";
import { fetchedJson } from "./fetched.js";
import { FARTHEST_IN, Ground, still } from "./ground.js";
import { boxAround, followUnlessDragged, pointsOf, wasDragged } from "./labels.js";
import { drawn } from "./shift.js";
import { filled } from "./words.js";

const CELL = 72; // pixels, on a phone; wider where more would be in view than
const MOST_CELLS = 80;
const APART = 48; // pixels between two markers: a finger
const MOST_LISTED = 100;
const WORLD = 256; // pixels, at zoom 0
const PRECISIONS = { b: "building", s: "street", t: "town", d: "district" };
const EXACT = new Set(["building", "street"]);
const GAP = 0; // its name stands before all others

// Once the map is ready(box). Rejects when what is known cannot be had.
export async function drawKnown(box) {
  const [known, names] = await Promise.all([
    fetchedJson(box.dataset.outlets), fetchedJson(box.dataset.names).catch(() => ({ districts: [] })),
  ]);
  return new KnownMap(box, known, names);
}

class KnownMap {
  #shown = new Map(); // what is on the map: a group's key, and its { group, layer, element }
  #next = null; // where the focus goes once the map has moved

  constructor(box, known, names) {
    this.L = window.L;
    this.box = box;
    this.known = known;
    this.names = names;
    this.ground = new Ground(box);
    this.map = this.ground.map;
    this.points = this.#pointsOf(known.outlets);
    this.#fit();
    this.#draw();
    this.map.on("moveend", () => this.#draw());
    this.ground.lay(() => this.#taken());
    this.ground.labels.add(known.gaps.map((gap) => this.#gapLabel(gap)));
  }

  resized() {
    this.ground.resized();
  }

  // -- what is where --

  #pointsOf({ lat, lon }) {
    const [xs, ys] = [new Float64Array(lat.length), new Float64Array(lat.length)];
    for (let row = 0; row < lat.length; row++) [xs[row], ys[row]] = flat(drawn({ lat: lat[row], lon: lon[row] }));
    return { xs, ys };
  }

  #outlet(row) {
    const { id, name, lat, lon, precision, status, district, districts } = this.known.outlets;
    return {
      id: id[row], name: name[row], lat: lat[row], lon: lon[row], precision: PRECISIONS[precision[row]],
      isOfficial: status[row] === "o", district: districts[district[row]],
    };
  }

  #fit() {
    const [west, south, east, north] = this.known.bounds;
    const corners = pointsOf([{ lat: south, lon: west }, { lat: north, lon: east }]);
    this.map.fitBounds(corners, { padding: [24, 24], animate: false, maxZoom: 12 });
    this.map.setMaxBounds(this.L.latLngBounds(corners).pad(0.5)); // nobody gets lost
  }

  get #scale() {
    return WORLD * 2 ** this.map.getZoom();
  }

  #groups() {
    const { min, max } = this.map.getPixelBounds();
    const scale = this.#scale;
    const size = max.subtract(min);
    const cell = Math.max(CELL, Math.sqrt((size.x * size.y) / MOST_CELLS));
    const view = { west: min.x / scale, north: min.y / scale, east: max.x / scale, south: max.y / scale };
    return groupsIn(this.points, view, cell / scale, APART / scale);
  }

  #pointOf({ x, y }) {
    return this.map.unproject(this.L.point(x, y).multiplyBy(this.#scale));
  }

  #boundsOf({ west, north, east, south }) {
    return this.L.latLngBounds([[west, north], [east, south]].map(([x, y]) => this.#pointOf({ x, y })));
  }

  // Whether they come apart when one looks closer.
  #comesApart({ west, north, east, south }) {
    const farthestIn = WORLD * 2 ** FARTHEST_IN;
    return this.map.getZoom() < FARTHEST_IN && Math.hypot(east - west, south - north) * farthestIn > 2 * CELL;
  }

  // -- what is drawn --

  #draw() {
    const wanted = new Map(this.#groups().map((group) => [keyOf(group), group]));
    for (const [key, { layer }] of this.#shown) {
      if (!wanted.has(key)) {
        layer.remove();
        this.#shown.delete(key);
      }
    }
    for (const [key, group] of wanted) {
      if (!this.#shown.has(key)) this.#shown.set(key, this.#added(group));
    }
    this.#moveFocus();
  }

  #added(group) {
    const { L } = this;
    const at = this.#pointOf(group);
    const element = group.members.length > 1 ? this.#cluster(group) : this.#single(this.#outlet(group.members[0]));
    const icon = L.divIcon({ html: element, className: "spot", iconSize: [44, 44] });
    const layer = L.layerGroup([L.marker(at, { icon, interactive: false, keyboard: false })]);
    const area = this.#areaOf(group);
    if (area) layer.addLayer(area);
    layer.addTo(this.map);
    return { group, layer, element };
  }

  // Of one outlet, or of several that are known to the same point only.
  #areaOf({ members, west, north, east, south }) {
    if (west !== east || north !== south) return null;
    const places = members.map((row) => this.#outlet(row));
    const km = Math.max(...places.map((place) => reachKm(place, this.names)));
    return km ? areaAt(this.L, places[0], km) : null;
  }

  #single(outlet) {
    const kind = `${EXACT.has(outlet.precision) ? "exact" : "soft"} ${outlet.isOfficial ? "official" : "unconfirmed"}`;
    const tip = make("span", { class: "tip" }, outlet.name);
    const link = make("a", { class: `hall ${kind}`, href: this.#pageOf(outlet.id), "aria-label": outlet.name }, tip);
    for (const starts of ["pointerenter", "focus"]) link.addEventListener(starts, () => this.#lean(link, tip));
    followUnlessDragged(this.map, link);
    return link;
  }

  // A name at the edge of the map is moved until all of it can be read.
  #lean(link, tip) {
    const [map, mark] = [this.box.getBoundingClientRect(), link.getBoundingClientRect()];
    const [middle, half] = [mark.left + mark.width / 2, tip.offsetWidth / 2 + 4];
    const lean = Math.max(map.left + half - middle, 0) + Math.min(map.right - half - middle, 0);
    tip.style.setProperty("--lean", `${lean}px`);
  }

  #cluster(group) {
    const n = group.members.length;
    const { closer, stacked } = this.box.dataset;
    const size = n < 10 ? "few" : n < 100 ? "some" : "many";
    const button = press(`cluster ${size}`, String(n), (event) => {
      event.stopPropagation(); // a click on the map closes a list
      if (!wasDragged(this.map, event)) this.#open(group, button, event);
    });
    button.setAttribute("aria-label", filled(this.#comesApart(group) ? closer : stacked, { n }));
    button.addEventListener("dblclick", (event) => event.stopPropagation()); // the map would come closer still
    return button;
  }

  #gapLabel(gap) {
    return {
      text: gap.name, points: pointsOf([gap]), kind: "name gap", rank: GAP, href: this.#pageOf(gap.id),
      told: filled(this.box.dataset.unknown, { name: gap.name }),
    };
  }

  #pageOf(id) {
    return filled(this.box.dataset.page, { id });
  }

  // -- what is pressed --

  #open(group, button, { detail }) {
    if (!this.#comesApart(group)) {
      this.#list(group, button);
      return;
    }
    const bounds = this.#boundsOf(group);
    const zoom = Math.max(this.map.getBoundsZoom(bounds, false, this.L.point(APART, APART)), this.map.getZoom() + 1);
    if (detail === 0) this.#next = group; // by key
    this.map.setView(bounds.getCenter(), Math.min(zoom, FARTHEST_IN), { animate: !still });
  }

  // The pressed one is gone when the map has come closer: on with the one nearest to where it was.
  #moveFocus() {
    const from = this.#next;
    this.#next = null;
    if (!from) return;
    const away = ({ group }) => Math.hypot(group.x - from.x, group.y - from.y);
    const nearest = [...this.#shown.values()].sort((one, other) => away(one) - away(other))[0];
    (nearest?.element ?? this.box).focus({ preventScroll: true });
  }

  #list(group, button) {
    const listed = group.members.slice(0, MOST_LISTED).map((row) => this.#outlet(row));
    const lines = listed.map(({ id, name }) => make("li", {}, make("a", { href: this.#pageOf(id) }, name)));
    const more = group.members.length - listed.length;
    if (more) lines.push(make("li", {}, filled(this.box.dataset.more, { n: more })));
    const list = make("ul", { class: "stack" }, lines);
    const popup = this.L.popup({ closeButton: false, maxHeight: 200, minWidth: 180, maxWidth: 280, autoPanPadding: [8, 8] })
      .setLatLng(this.#pointOf(group)).setContent(list).openOn(this.map);
    list.addEventListener("keydown", ({ key }) => {
      if (key !== "Escape") return;
      popup.close();
      if (button.isConnected) button.focus({ preventScroll: true });
      else this.box.focus({ preventScroll: true });
    });
    list.querySelector("a").focus({ preventScroll: true });
  }

  #taken() {
    return [...this.#shown.values()].map(({ group }) =>
      boxAround(this.L, this.map.latLngToContainerPoint(this.#pointOf(group)), APART, APART));
  }
}

// The same outlets are the same group, wherever the map has moved.
function keyOf({ members }) {
  const sum = members.reduce((total, row) => total + row, 0);
  return `${members.length} ${members[0]} ${sum}`;
}
