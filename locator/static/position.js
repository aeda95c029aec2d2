// "Use my position": says what for, asks, and sends the form. Without scripts the button stays hidden.

import { canTell, whereAmI } from "./here.js";

const form = document.getElementById("ask");
const here = document.getElementById("here");
const box = document.getElementById("here-box");
const said = document.getElementById("here-said");

const say = (key) => { said.textContent = said.dataset[key]; };

function open(shown) {
  box.hidden = !shown;
  here.setAttribute("aria-expanded", String(shown));
}

function send({ lat, lon }) {
  form.elements.place.value = "";
  form.elements.district.value = "";
  form.elements.lat.value = lat;
  form.elements.lon.value = lon;
  form.elements.datum.value = "wgs84";
  form.requestSubmit();
}

// There is always the other way: to write it.
function refused(why) {
  say(why);
  form.elements.place.focus();
}

function ask() {
  open(false);
  say("asking");
  whereAmI().then(send, refused);
}

if (canTell) {
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
