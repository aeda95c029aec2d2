// The map of the first page: beside its list, to be folded away on a small screen.

import { drawMap } from "./map.js";

const box = document.getElementById("map");
const list = document.querySelector(".cards");
const toggle = document.getElementById("map-toggle");

document.getElementById("map-section").hidden = false;
document.querySelector("main").classList.add("mapped");
const map = drawMap(box, list.children, list.dataset);

toggle.addEventListener("click", () => {
  box.hidden = !box.hidden;
  toggle.setAttribute("aria-expanded", String(!box.hidden));
  toggle.textContent = box.hidden ? toggle.dataset.show : toggle.dataset.hide;
  if (!box.hidden) map.resized();
});
