// The frame of the desk: the list of keys, the way from part to part by keyboard, and what pages send.

const sheet = document.querySelector("[data-keys]");
const places = document.querySelectorAll("[data-place]");
let isGoing = false;

// Whether what is typed goes into a box, and is no command.
export function isTyping(event) {
  return event.isComposing || Boolean(event.target.closest?.("input, textarea, select, [contenteditable]"));
}

// Send JSON to the desk. The answer, whatever its status; who is not signed in any more is led to the door.
export async function send(url, body, method = "POST") {
  const { formToken, tokenHeader } = document.body.dataset;
  const answer = await fetch(url, {
    method,
    headers: { "Content-Type": "application/json", [tokenHeader]: formToken },
    body: JSON.stringify(body),
  });
  if (answer.status === 401) location.assign(`/desk/sign-in?next=${encodeURIComponent(location.pathname)}`);
  return answer;
}

function toggle() {
  if (sheet.open) sheet.close();
  else sheet.showModal();
}

function pressed(event) {
  if (isTyping(event) || event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
  const place = isGoing && places[Number(event.key) - 1];
  isGoing = event.key === "g";
  if (event.key === "?") {
    event.preventDefault();
    toggle();
  } else if (place) {
    event.preventDefault();
    place.click();
  }
}

// Pages import this under its plain address too, which makes a second one of it: only the first listens.
if (sheet && !("heard" in sheet.dataset)) {
  sheet.dataset.heard = "";
  document.addEventListener("keydown", pressed);
  document.querySelector("[data-keys-open]").addEventListener("click", toggle);
  document.querySelector("[data-keys-close]").addEventListener("click", toggle);
}
