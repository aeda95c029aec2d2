// The map of the newest outlets of a conversation; Leaflet comes when it is first needed.

import { drawMap } from "../map.js";
import { make } from "./dom.js";

let live = null; // { map, place }
let loading = null;

// Put a map above the cards of a reply, and take away the one before. Without one, the cards say it all.
export async function showMap(root, shown, leaflet) {
  try {
    loading ??= load(leaflet);
    await loading;
  } catch {
    loading = null;
    return;
  }
  live?.map.remove();
  live?.place.remove();
  const list = shown.querySelector(".cards");
  const place = root.querySelector("[data-chat-map]").content.firstElementChild.cloneNode(true);
  const cards = [...list.children];
  const origin = shown.querySelector(".spots").dataset;
  place.querySelector(".ring").hidden = !origin.lat;
  place.querySelector(".exact").hidden = !cards.some(({ dataset }) => dataset.exact === "yes");
  place.querySelector(".rough").hidden = !cards.some(({ dataset }) => dataset.exact === "no");
  list.before(place);
  live = { place, map: drawMap(place.querySelector(".map"), cards, origin) };
}

function load([style, script]) {
  return window.L ? null : Promise.all([
    added(make("link", { rel: "stylesheet", href: style })), added(make("script", { src: script })),
  ]);
}

function added(element) {
  return new Promise((resolve, reject) => {
    element.addEventListener("load", resolve);
    element.addEventListener("error", reject);
    document.head.append(element);
  });
}
