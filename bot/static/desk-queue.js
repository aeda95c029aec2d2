// The queue by keyboard; and word of what has come since the list was loaded.

import { isTyping } from "./desk-frame.js";

const EVERY_MS = 30_000;
const IDLE_MS = 10 * 60_000; // whoever is away from the desk is not kept signed in by this page
const find = (name) => document.querySelector(`[data-queue-${name}]`);
const [news, box, form] = ["news", "box", "form"].map(find);
let isGoing = false; // after g, a digit is the frame's
let lastSeen = Date.now();

function pressed(event) {
  if (event.key === "Enter" && event.ctrlKey && event.target === box) {
    event.preventDefault();
    form.requestSubmit();
  }
  if (isTyping(event) || event.ctrlKey || event.altKey || event.metaKey || document.querySelector("dialog[open]")) return;
  const question = !isGoing && document.querySelectorAll("[data-question]")[Number(event.key) - 1];
  isGoing = event.key === "g";
  if (question) question.click();
  else if (event.key === "/" && box) {
    event.preventDefault();
    box.focus();
  } else if (event.key === "c") find("claim")?.click();
  else if (event.key === "u") find("up")?.click();
  else if (event.key === "r" && news) location.assign("/desk/queue");
}

async function look() {
  if (document.hidden || Date.now() - lastSeen > IDLE_MS) return;
  const answer = await fetch("/desk/api/queue").catch(() => null);
  if (!answer?.ok) return;
  const { newest } = await answer.json();
  if (newest > Number(news.dataset.newest)) news.textContent = news.dataset.words;
}

document.addEventListener("keydown", pressed);
if (news) {
  for (const sign of ["keydown", "pointermove", "pointerdown"]) document.addEventListener(sign, () => { lastSeen = Date.now(); });
  setInterval(look, EVERY_MS);
  document.addEventListener("visibilitychange", look);
}
if (box) box.focus();
find("preview")?.scrollIntoView({ block: "nearest" });
