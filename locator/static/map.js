// A map beside a list of cards: drawn from their data-* attributes. What is touched here is marked there, and back.
// The list is what counts; whatever fails here leaves it as it is.

import { drawAreas } from "./areas.js";
import { make, press } from "./dom.js";
import { Ground, still } from "./ground.js";
import { boxAround } from "./labels.js";
import { drawn } from "./shift.js";
import { filled } from "./words.js";

const MARKER = 34; // pixels
// How near to look at first: no nearer than the position is known.
const CLOSEST = { building: 15, street: 14, town: 11, district: 9 };
const isExact = (card) => card.dataset.exact === "yes";

// Once the map is ready(box). `box`: an element with the map's words and files; `origin`: where distances are measured
// from, { lat, lon }, or {} when that is nobody's business.
export function drawMap(box, cards, origin) {
  return new OutletMap(box, [...cards], origin);
}

class OutletMap {
  #listening = new AbortController();

  constructor(box, cards, origin) {
    this.L = window.L;
    this.box = box;
    this.cards = cards;
    this.starts = origin.lat ? [origin] : [];
    this.ground = new Ground(box);
    this.map = this.ground.map;
    this.#fit();
    this.markers = cards.map((card) => this.#addOutlet(card));
    this.#addOrigin();
    this.#stepAside();
    this.map.on("zoomend", () => this.#stepAside());
    this.ground.lay(() => this.#taken());
    drawAreas(this.L, this.map, cards.map(({ dataset }) => dataset), box.dataset.names);
  }

  // To be told when the box has another size.
  resized() {
    this.ground.resized();
  }

  // Leave the cards as they were before.
  remove() {
    this.#listening.abort();
    this.map.remove();
    for (const card of this.cards) {
      card.classList.remove("chosen", "lit");
      card.querySelector(".number").replaceWith(make("span", { class: "number" }, card.dataset.number));
    }
  }

  // -- markers --

  #icon(html, className, size) {
    return this.L.divIcon({ html, className, iconSize: size });
  }

  #addOutlet(card) {
    const kind = isExact(card) ? "pin" : "soft";
    const name = card.querySelector("h3").lastElementChild.textContent.trim();
    const { number } = card.dataset;
    const marker = this.L.marker(drawn(card.dataset), {
      icon: this.#icon(`<span>${Number(number)}</span>`, `outlet ${kind}`, [44, 44]),
      title: name, riseOnHover: true, autoPanOnFocus: false, // it would glide
    }).addTo(this.map);
    marker.getElement().setAttribute("aria-label", filled(this.box.dataset.numbered, { n: number, name }));
    this.#listen(card, marker);
    card.querySelector(".number").replaceWith(this.#numberButton(card));
    return marker;
  }

  #listen(card, marker) {
    const icon = marker.getElement();
    marker.on("click", () => this.#choose(card, { go: "card" }));
    this.#on(icon, "keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      this.#choose(card, { go: "card" });
    });
    this.#on(icon, "focus", () => this.#see(card));
    this.#on(card, "click", ({ target }) => {
      if (!target.closest("a, button, summary")) this.#choose(card, { go: "" });
    });
    this.#lightTogether(card, marker);
  }

  // Whichever of the two the pointer or the focus is on, both are marked.
  #lightTogether(card, marker) {
    const icon = marker.getElement();
    const reasons = new Set();
    const because = (reason, holds) => () => {
      reasons[holds ? "add" : "delete"](reason);
      card.classList.toggle("lit", reasons.size > 0);
      icon.classList.toggle("lit", reasons.size > 0);
      this.#raise(marker, icon);
    };
    for (const one of [card, icon]) {
      for (const [reason, starts, ends] of [["pointer", "pointerenter", "pointerleave"], ["focus", "focusin", "focusout"]]) {
        this.#on(one, starts, because(`${reason} ${one === card}`, true));
        this.#on(one, ends, because(`${reason} ${one === card}`, false));
      }
    }
  }

  #raise(marker, icon) {
    marker.setZIndexOffset(icon.classList.contains("lit") ? 2000 : icon.classList.contains("chosen") ? 1000 : 0);
  }

  #on(element, kind, act) {
    element.addEventListener(kind, act, { signal: this.#listening.signal });
  }

  // Halls known only to their district often share one point, and far out all are close: each steps aside until it can
  // be seen. Exact ones choose first, and are back in their place as soon as one zooms in.
  #stepAside() {
    const { map, cards, markers } = this;
    const starts = this.starts.map((one) => map.latLngToLayerPoint(drawn(one)));
    const taken = [];
    const exactFirst = [...cards.keys()].sort((a, b) => isExact(cards[b]) - isExact(cards[a]) || a - b);
    for (const index of exactFirst) {
      const { x, y } = map.latLngToLayerPoint(drawn(cards[index].dataset));
      const others = isExact(cards[index]) ? taken : [...starts, ...taken];
      const free = (step) => others.every((other) => Math.hypot(other.x - x - step, other.y - y) >= MARKER);
      let step = 0;
      while (!free(step)) step += MARKER / 4;
      taken.push({ x: x + step, y });
      markers[index].getElement().style.setProperty("--step", `${step}px`);
    }
  }

  #numberButton(card) {
    const { number } = card.dataset;
    const button = press("number", number, () => this.#choose(card, { go: "map" }));
    button.setAttribute("aria-label", `${number}: ${this.box.dataset.onMap}`);
    return button;
  }

  // `go`: whether to bring the "card" or the "map" before one's eyes, or "" to stay.
  #choose(card, { go }) {
    for (const [index, other] of this.cards.entries()) {
      const icon = this.markers[index].getElement();
      other.classList.toggle("chosen", other === card);
      icon.classList.toggle("chosen", other === card);
      this.#raise(this.markers[index], icon);
    }
    if (go) {
      const shown = go === "card" ? card : this.box;
      shown.scrollIntoView({ behavior: still ? "auto" : "smooth", block: "nearest" });
    }
    if (go === "card") card.focus({ preventScroll: true });
    if (go === "map") this.map.panTo(drawn(card.dataset), { animate: !still });
    else this.#see(card);
  }

  #see(card) {
    this.map.panInside(drawn(card.dataset), { padding: [MARKER, MARKER], animate: !still });
  }

  #addOrigin() {
    const { origin } = this.box.dataset;
    for (const start of this.starts) {
      this.L.marker(drawn(start), {
        icon: this.#icon("", "from", [20, 20]), title: origin, alt: origin, keyboard: false, interactive: false,
        zIndexOffset: -500,
      }).addTo(this.map);
    }
  }

  #fit() {
    const points = [...this.starts, ...this.cards.map(({ dataset }) => dataset)].map(drawn);
    const [buttons] = this.ground.corners();
    const room = { paddingTopLeft: [buttons.max.x + MARKER / 2, 40], paddingBottomRight: [MARKER, 40] };
    const maxZoom = Math.max(...this.cards.map(({ dataset }) => CLOSEST[dataset.precision] ?? CLOSEST.district));
    this.map.fitBounds(points, { ...room, animate: false, maxZoom });
  }

  #taken() {
    const spaceOf = (place, width, height) =>
      boxAround(this.L, this.map.latLngToContainerPoint(drawn(place)), width, height);
    return [
      ...this.cards.map(({ dataset }) => spaceOf(dataset, 2 * MARKER, MARKER)),
      ...this.starts.map((start) => spaceOf(start, 20, 20)),
    ];
  }
}
