// The form of a notice: how people will read it, while it is filled in.

import { isTyping, send } from "./desk-frame.js";

const SETTLED_MS = 250;
const form = document.querySelector("[data-notice]");
const foretold = document.querySelector("[data-foretold]");
const tell = document.querySelector("[data-tell]");
const keys = {
  "/": () => document.querySelector("[data-all]").click(),
  c: () => document.querySelector("[data-check]")?.focus(),
  n: () => form.querySelector("[name=kind]:checked").focus(),
};
let timer = 0;
let asked = 0;

async function look() {
  const mine = ++asked;
  const typed = { ...Object.fromEntries(new FormData(form)), notice: form.dataset.editing };
  try {
    const answer = await send(form.dataset.preview, typed);
    if (!answer.ok) throw new Error(answer.statusText);
    const words = await answer.text();
    if (mine === asked) show(words);
  } catch {
    if (mine === asked) foretold.textContent = foretold.dataset.failed;
  }
}

function show(words) {
  foretold.innerHTML = words; // the server's own, which escapes what it tells
  tell.hidden = !foretold.querySelector("h4");
}

form.querySelector("[aria-invalid]")?.focus();

form.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(look, SETTLED_MS);
});

document.addEventListener("keydown", (event) => {
  if (isTyping(event) || event.ctrlKey || event.altKey || event.metaKey) return;
  const act = keys[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});
