// What the browser can do besides: copy the address, share the page, print it, and draw the map once it comes into sight.
// Whatever it cannot do stays hidden, and the page says all without it.

const said = document.querySelector("[data-said]");

offer("[data-copy]", navigator.clipboard, async (button) => {
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    said.textContent = button.dataset.done;
  } catch {
    button.hidden = true; // the browser does not let us: the address stands below, to be marked by hand
  }
});
offer("[data-share]", navigator.share, (button) => {
  navigator.share({ title: button.dataset.share, url: location.href }).catch(() => {});
});
offer("[data-print]", window.print, () => window.print());

const section = document.querySelector(".map-section");
if (section && window.IntersectionObserver) {
  section.hidden = false;
  const watch = new IntersectionObserver(([{ isIntersecting }]) => {
    if (!isIntersecting) return;
    watch.disconnect();
    showMap().catch(() => { section.hidden = true; });
  }, { rootMargin: "150px" });
  watch.observe(section);
}

function offer(selector, can, act) {
  const button = document.querySelector(selector);
  if (!button || !can) return;
  button.hidden = false;
  button.addEventListener("click", () => act(button));
}

async function showMap() {
  const box = document.getElementById("map");
  await (await import("./ground.js")).ready(box);
  (await import("./map.js")).drawMap(box, section.querySelectorAll(".pinned"), {});
}
