// A draft being inspected: the page comes anew when its replay is there; e leads to the entry, p to the button that publishes.

import { isTyping } from "./desk-frame.js";

const EVERY_MS = 700;
const waits = document.querySelector("[data-waits]");

async function look() {
  const answer = await fetch(`/desk/api/drafts/${waits.dataset.waits}`);
  if (answer.ok && !(await answer.json()).done) setTimeout(look, EVERY_MS);
  else location.reload();
}

document.addEventListener("keydown", (event) => {
  if (isTyping(event) || event.ctrlKey || event.altKey || event.metaKey || document.querySelector("dialog[open]")) return;
  if (event.key === "e") document.querySelector("[data-edit]")?.click();
  if (event.key === "p") document.querySelector("[data-publish]")?.focus();
});

if (waits) setTimeout(look, EVERY_MS);
