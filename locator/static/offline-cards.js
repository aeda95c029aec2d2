// A hall as an element, from what was taken along: the card of the first page, as far as it can be told without a network.

import { dialable, make, whole } from "./dom.js";
import { openingAt } from "./offline-hours.js";
import { filled } from "./words.js";

const HOUR = 60; // minutes

export class Cards {
  // `taken`: /offline.json; `words`: the page's; `said` picks its language; `url` makes an address of this look.
  constructor(taken, words, said, url) {
    Object.assign(this, { taken, words, said, url });
  }

  // `km`: how far, or null when nothing is measured.
  card(hall, number, km) {
    const { words, said } = this;
    const { state, next, today } = openingAt(hall.days, this.taken.made, Date.now());
    const attributes = {
      class: "card", id: hall.id, tabindex: "-1", "data-lat": hall.lat, "data-lon": hall.lon,
      "data-exact": hall.exact ? "yes" : "no", "data-precision": hall.precision, "data-district": hall.district,
      "data-number": number,
    };
    return make(
      "li", attributes,
      make(
        "h3", {}, make("span", { class: "number" }, String(number)), " ",
        make("a", { href: this.url(`/outlets/${hall.id}`) }, said(hall.name)),
      ),
      make(
        "div", { class: "facts" },
        km === null ? [] : make("p", { class: "distance" }, filled(words.distance, { km: Math.max(1, Math.round(km)) })),
        make("p", { class: `badge ${state}` }, this.#opening(state, next, today)),
      ),
      said(hall.notices).map((line) => make("p", { class: "told" }, line)),
      this.#facts(hall),
      make(
        "p", { class: `status ${hall.status}` }, make("strong", {}, words.statuses[hall.status]), words.space,
        dialable(words.call_first),
      ),
      make("p", { class: "source" }, words.precisions[hall.precision]),
    );
  }

  #opening(state, next, today) {
    const { words } = this;
    if (state === "unknown") return words.unknown_hours;
    if (state === "open" && !next) return words.open_always;
    return next ? filled(words[state], { when: this.#moment(next, today) }) : words[state];
  }

  // With the day, unless it is today.
  #moment({ day, minute }, today) {
    const time = `${Math.floor(minute / HOUR)}:${String(minute % HOUR).padStart(2, "0")}`;
    return day === today ? time : filled(this.words.moment, { day: this.said(this.taken.days[day]), time });
  }

  #facts(hall) {
    const { words, said } = this;
    const lines = said(hall.usual).map((line) => make("p", {}, whole(line)));
    const services = hall.services.map((service) => words.service_names[service]).join(words.comma);
    return make(
      "dl", {},
      fact(words.address, said(hall.address)),
      hall.phone ? fact(words.phone, make("a", { class: "tel", href: `tel:${hall.phone.replaceAll(" ", "")}` }, hall.phone)) : [],
      lines.length ? fact(words.hours, lines) : [],
      services ? fact(words.services, services) : [],
      said(hall.note) ? fact(words.note, said(hall.note)) : [],
    );
  }
}

function fact(label, said) {
  return make("div", {}, make("dt", {}, label), make("dd", {}, said));
}
