// What every map of ours stands on: Leaflet when it is first needed, the buttons, and tiles or the offline base.

import { layBase } from "./base.js";
import { Labels } from "./labels.js";
import { readShift } from "./shift.js";

export const FARTHEST_IN = 18; // zoom
export const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
let loading = null;

// Resolves when maps can be drawn in such a box, rejects when they cannot.
export function ready({ dataset }) {
  loading ??= Promise.all([leaflet(dataset.leaflet.split(" ")), readShift(dataset.shift)]).catch((why) => {
    loading = null;
    throw why;
  });
  return loading;
}

export class Ground {
  // `box`: an element with the map's words and files.
  constructor(box) {
    this.L = window.L;
    this.box = box;
    this.map = this.L.map(box, {
      attributionControl: false, zoomControl: false, maxZoom: FARTHEST_IN, minZoom: 6, zoomSnap: 0.5, maxBoundsViscosity: 1,
      zoomAnimation: !still, fadeAnimation: !still, markerZoomAnimation: !still, inertia: !still,
    });
    if (still) standStill(this.map);
    this.#addButtons();
  }

  // Once the map has a view. `taken`: tells the boxes that names keep clear of.
  lay(taken) {
    this.labels = new Labels(this.map, () => [...this.corners(), ...taken()]);
    const { tiles, credit } = this.box.dataset;
    const base = () => layBase(this.map, this.box, this.labels, () => this.corners());
    if (!tiles) base();
    const layers = tiles.split(" ").filter(Boolean)
      .map((url) => this.L.tileLayer(url, { attribution: credit, maxZoom: FARTHEST_IN }).addTo(this.map));
    layers[0]?.once("tileerror", base); // whoever makes them may not be reached from here
  }

  // The boxes of the buttons, the scale and the credits, in the container's pixels.
  corners() {
    const { left, top } = this.box.getBoundingClientRect();
    return this.controls.map((control) => {
      const box = control.getContainer().getBoundingClientRect();
      return this.L.bounds([box.left - left - 4, box.top - top - 4], [box.right - left + 4, box.bottom - top + 4]);
    });
  }

  resized() {
    this.map.invalidateSize();
  }

  #addButtons() {
    const { control } = this.L;
    const { zoomIn, zoomOut, approval, tiles, riversCredit } = this.box.dataset;
    const credits = control.attribution({ position: "bottomleft", prefix: false });
    if (approval) credits.addAttribution(approval);
    if (!tiles) credits.addAttribution(riversCredit);
    this.controls = [
      control.zoom({ zoomInTitle: zoomIn, zoomOutTitle: zoomOut }),
      control.scale({ imperial: false, position: "topright" }),
      credits,
    ].map((one) => one.addTo(this.map));
  }
}

// Leaflet glides to wherever a key or a marker takes it, and has no setting against that.
function standStill(map) {
  const { panBy } = map;
  map.panBy = (offset, options) => panBy.call(map, offset, { ...options, animate: false });
}

function leaflet([style, script]) {
  if (window.L) return null;
  const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: style });
  return Promise.all([added(link), added(Object.assign(document.createElement("script"), { src: script }))]);
}

function added(element) {
  return new Promise((resolve, reject) => {
    element.addEventListener("load", resolve);
    element.addEventListener("error", () => reject(new Error("a file of the map cannot be had")));
    document.head.append(element);
  });
}
