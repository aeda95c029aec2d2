// The map of the first page: beside its list, or of all that is known when nobody has searched. It comes when it is
// about to be seen, and can be folded away on a small screen. If it does not come, the page is as it was without.

const box = document.getElementById("map");
const section = document.getElementById("map-section");
const main = document.querySelector("main");
const list = document.querySelector(".cards");
const toggle = document.getElementById("map-toggle");
const isSmall = !matchMedia("(min-width: 62rem)").matches;
const isLarge = document.documentElement.classList.contains("large");
let drawing = null;

section.hidden = false;
fold(isLarge || (isSmall && !list));
toggle.addEventListener("click", async () => {
  fold(!box.hidden);
  (await drawing)?.resized();
});
new IntersectionObserver((seen) => {
  if (seen.some(({ isIntersecting }) => isIntersecting)) drawing ??= draw().catch(giveUp);
}, { rootMargin: "400px" }).observe(box);

function fold(away) {
  box.hidden = away;
  section.classList.toggle("folded", away);
  main.classList.toggle("mapped", list !== null && !away);
  toggle.setAttribute("aria-expanded", String(!away));
  toggle.textContent = away ? toggle.dataset.show : toggle.dataset.hide;
}

async function draw() {
  await (await import("./ground.js")).ready(box);
  if (!list) return (await import("./known.js")).drawKnown(box);
  return (await import("./map.js")).drawMap(box, list.children, list.dataset);
}

function giveUp(why) {
  console.warn(why);
  section.hidden = true;
  main.classList.remove("mapped");
}
