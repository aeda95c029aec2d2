// The unanswered questions by keyboard: j and k from one to the next, a, n and d decide, i leads to what was added.

import { isTyping } from "./desk-frame.js";

const misses = [...document.querySelectorAll("[data-miss]")];

function here() {
  return misses.find((miss) => miss.contains(document.activeElement));
}

function go(step) {
  const at = misses.indexOf(here());
  const next = misses[at < 0 ? 0 : Math.min(Math.max(at + step, 0), misses.length - 1)];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

// The form of the question that has the focus, or of the first.
function find(what) {
  return (here() ?? misses[0])?.querySelector(what);
}

const deeds = {
  j: () => go(1),
  k: () => go(-1),
  a: () => find("[data-entry]")?.select(),
  n: () => find("[data-new]")?.click(),
  d: () => find("[data-dismiss]")?.click(),
  i: () => document.querySelector("[data-inspect]")?.click(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || document.querySelector("dialog[open]")) return;
  if (event.key === "Escape" && isTyping(event)) here()?.focus();
  if (isTyping(event) || !Object.hasOwn(deeds, event.key)) return;
  event.preventDefault();
  deeds[event.key]();
});

const chosen = document.querySelector("[data-chosen]") ?? misses[0];
chosen?.focus();
