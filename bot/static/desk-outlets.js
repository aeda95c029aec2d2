// Halls, found while somebody types; by keyboard from the box into the list.

import { isTyping, send } from "./desk-frame.js";

const SETTLED_MS = 120;
const box = document.querySelector("[data-box]");
const found = document.querySelector("[data-found]");
const count = document.querySelector("[data-count]");
let timer = 0;
let asked = 0;

async function look() {
  const mine = ++asked;
  try {
    const answer = await send("/desk/api/outlets/find", { text: box.value });
    if (!answer.ok) throw new Error(answer.statusText);
    const list = await answer.text();
    if (mine === asked) show(list);
  } catch {
    if (mine === asked) count.textContent = found.textContent = found.dataset.failed;
  }
}

function show(list) {
  found.innerHTML = list; // the server's own, which escapes what it tells
  count.textContent = found.querySelector("[data-said]").textContent;
}

const halls = () => [...found.querySelectorAll("[data-hall]")];

function step(event) {
  const stops = [box, ...halls()];
  const place = stops.indexOf(document.activeElement);
  const next = stops[place + (event.key === "ArrowDown" ? 1 : -1)];
  if (place < 0 || !next) return;
  event.preventDefault();
  next.focus();
}

box.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(look, SETTLED_MS);
});

box.form.addEventListener("submit", async (event) => {
  event.preventDefault();
  clearTimeout(timer);
  await look();
  if (box.value.trim()) halls()[0]?.focus();
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") step(event);
  else if (event.key === "/" && !isTyping(event)) {
    event.preventDefault();
    box.focus();
    box.select();
  }
});
