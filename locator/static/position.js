// "Use my position": says what for, asks, rounds, and sends the form. Without scripts the button stays hidden.

const DECIMALS = 3; // about 100 metres: enough to rank halls, too coarse to tell a home
const WAIT_MS = 10_000;
const REASONS = { 1: "denied", 2: "unavailable", 3: "timeout" }; // GeolocationPositionError.code

const form = document.getElementById("ask");
const here = document.getElementById("here");
const box = document.getElementById("here-box");
const said = document.getElementById("here-said");

const say = (key) => { said.textContent = said.dataset[key]; };

function open(shown) {
  box.hidden = !shown;
  here.setAttribute("aria-expanded", String(shown));
}

function send({ coords }) {
  form.elements.place.value = "";
  form.elements.lat.value = coords.latitude.toFixed(DECIMALS);
  form.elements.lon.value = coords.longitude.toFixed(DECIMALS);
  form.elements.datum.value = "wgs84";
  form.requestSubmit();
}

function ask() {
  open(false);
  say("asking");
  navigator.geolocation.getCurrentPosition(
    send,
    (error) => say(REASONS[error.code] ?? "unavailable"),
    { timeout: WAIT_MS, maximumAge: 60_000 },
  );
}

if ("geolocation" in navigator && window.isSecureContext) {
  here.hidden = false;
  here.setAttribute("aria-controls", "here-box");
  open(false);
  here.addEventListener("click", () => {
    open(box.hidden);
    if (!box.hidden) document.getElementById("here-yes").focus();
  });
  document.getElementById("here-yes").addEventListener("click", ask);
  document.getElementById("here-no").addEventListener("click", () => { open(false); here.focus(); });
}
