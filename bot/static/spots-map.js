// The map of the newest outlets of a conversation; all that draws it comes when it is first needed.

let live = null; // { map, place }

// Put a map above the cards of a reply, and take away the one before. Without one, the cards say it all.
export async function showMap(root, shown) {
  const place = root.querySelector("[data-chat-map]").content.firstElementChild.cloneNode(true);
  const box = place.querySelector(".map");
  let drawMap = null;
  try {
    ({ drawMap } = await import("../map.js"));
    await (await import("../ground.js")).ready(box);
  } catch {
    return;
  }
  live?.map.remove();
  live?.place.remove();
  const list = shown.querySelector(".cards");
  const cards = [...list.children];
  const origin = shown.querySelector(".spots").dataset;
  place.querySelector(".ring").hidden = !origin.lat;
  place.querySelector(".exact").hidden = !cards.some(({ dataset }) => dataset.exact === "yes");
  place.querySelector(".rough").hidden = !cards.some(({ dataset }) => dataset.exact === "no");
  list.before(place);
  live = { place, map: drawMap(box, cards, origin) };
}
