// The page without a network: what was asked is looked up in what the worker took along.

import { dialable, make, press } from "./dom.js";
import { fetchedJson } from "./fetched.js";
import { ready } from "./ground.js";
import { drawMap } from "./map.js";
import { Cards } from "./offline-cards.js";
import { Places, districtOf, kilometres } from "./offline-places.js";
import { Questions } from "./offline-questions.js";
import { filled } from "./words.js";

const NEAREST = 5;
const LONGEST = 200; // letters of what is asked
const ANSWER_MS = 1_000; // the worker's
const LOOKS = ["lang", "size"];
const find = (id) => document.getElementById(id);
const { language, words } = JSON.parse(find("offline-script").textContent);
const address = new URL(location.href);
const said = (inWords) => inWords[language] ?? Object.values(inWords)[0];

// The path in the look of this page.
function url(path) {
  const look = new URLSearchParams([...address.searchParams].filter(([name]) => LOOKS.includes(name))).toString();
  return look ? `${path}?${look}` : path;
}

// The links of the head lead to this address in another look.
function keepAddress() {
  for (const link of document.querySelectorAll(".looks a")) {
    const there = new URL(link.href);
    const others = [...address.searchParams].filter(([name]) => !LOOKS.includes(name));
    there.pathname = address.pathname;
    for (const [name, value] of others) there.searchParams.set(name, value);
    link.href = there;
  }
}

class Page {
  #map = null;

  constructor(taken) {
    this.taken = taken;
    this.places = new Places(taken.places);
    this.questions = new Questions(taken.topics.flatMap(({ entries }) => entries));
    this.cards = new Cards(taken, words, said, url);
    this.notice = find("notice");
    this.results = find("results");
  }

  open(asked) {
    this.#tellAge();
    this.#listTopics();
    find("ask").addEventListener("submit", (event) => this.#submitted(event));
    const [, hall] = /^\/outlets\/(.+)$/.exec(address.pathname) ?? [];
    const district = address.searchParams.get("district");
    const text = asked?.place || asked?.text || district || "";
    find("place").value ||= district ? "" : text; // somebody may have typed already
    if (text.trim()) this.#look(text, asked);
    else if (Number(asked?.lat)) this.#near({ lat: Number(asked.lat), lon: Number(asked.lon) }, words.from_here, asked);
    else if (hall) this.#showHall(hall);
  }

  #tellAge() {
    const age = filled(words.age, { day: said(this.taken.made_words) });
    const told = navigator.onLine ? [age] : [words.no_network, age];
    this.notice.replaceChildren(make("p", {}, dialable(told.join(words.space))));
  }

  // With a network the form goes where it always goes.
  #submitted(event) {
    if (navigator.onLine) return;
    event.preventDefault();
    const text = find("place").value;
    if (text.trim()) this.#look(text, null);
    else find("place").focus();
  }

  // -- what a text asks --

  #look(typed, asked) {
    const text = [...typed.slice(0, LONGEST)].map((letter) => this.taken.letters[letter] ?? letter).join("");
    const { places, exact, alone } = this.places.find(text);
    const questions = alone ? { like: [] } : this.questions.find(text);
    if (exact && places.length === 1) this.#goTo(places[0], asked, this.#beside(questions));
    else if (places.length) this.#tell(words.which, [this.#choices(places, asked), ...this.#beside(questions)]);
    else if (questions.exact) this.#tell(said(questions.exact.title), this.#answer(questions.exact));
    else if (questions.like.length) this.#tell(words.answers, questions.like.map((entry) => this.#folded(entry)));
    else this.#tell(words.not_found, [make("p", {}, dialable(words.unknown)), dial()]);
  }

  #goTo(place, asked, beside = []) {
    if (place.kind === "city") this.#tell(words.which, [this.#choices(this.places.districtsOf(place), asked), ...beside]);
    else if (place.kind === "outlet") this.#showHall(place.id, beside);
    else this.#near(place, filled(words.from_place, { place: this.#nameOf(place) }), { ...asked, district: districtOf(place) }, beside);
  }

  #choices(places, asked) {
    const choose = (place) => press("second", this.#inWords(place), () => this.#goTo(place, asked));
    return make("ul", { class: "choices-list" }, places.map((place) => make("li", {}, choose(place))));
  }

  #inWords(place) {
    const name = this.#nameOf(place);
    return place.of ? filled(words.place, { name, where: this.#area(place.of) }) : name;
  }

  #nameOf(place) {
    const shown = place.now ?? place.zh;
    if (this.taken.areas[shown]) return this.#area(shown);
    return said({ "zh-Hans": place.zh, "zh-Hant": place.written ?? place.zh, en: place.en });
  }

  // A city or a district.
  #area(name) {
    return said(this.taken.areas[name] ?? { name });
  }

  // Where there are places too, questions are only named.
  #beside({ exact, like }) {
    const entries = exact ? [exact] : like;
    return entries.length ? [make("h3", {}, words.answers), ...entries.map((entry) => this.#folded(entry))] : [];
  }

  // -- halls --

  #near(from, measured, asked, beside = []) {
    const gap = this.taken.gaps.find(({ district }) => district === asked?.district);
    const halls = from.lat === null ? [] : this.taken.halls ?? [];
    const ranked = halls.map((hall) => [kilometres(from, hall), hall]).sort(([one], [other]) => one - other);
    const cards = ranked.slice(0, NEAREST).map(([km, hall], index) => this.cards.card(hall, index + 1, km));
    const told = [make("p", { role: "status", class: "said" }, from.lat === null ? words.no_point : measured)];
    if (asked?.service || asked?.open) told.push(make("p", {}, words.no_filters));
    if (gap) told.push(make("div", { class: "notice gap" }, make("p", {}, dialable(said(gap.notice))), dial()));
    if (!this.taken.halls) told.push(make("p", { class: "notice" }, dialable(words.too_many)));
    const title = cards.length ? filled(words.nearest, { n: cards.length }) : words.not_found;
    this.#tell(title, [...told, ...beside], cards, from);
  }

  #showHall(id, beside = []) {
    const gap = this.taken.gaps.find((one) => one.id === id);
    const hall = this.taken.halls?.find((one) => one.id === id);
    if (gap) this.#tell(this.#area(gap.district), [make("p", {}, dialable(said(gap.notice))), dial()]);
    else if (hall) this.#tell(said(hall.name), beside, [this.cards.card(hall, 1, null)]);
    else this.#tell(words.no_hall, [dial()]);
  }

  // -- questions --

  #listTopics() {
    const topics = this.taken.topics.map(({ title, entries }) => make(
      "details", { class: "fold" }, make("summary", {}, said(title)), entries.map((entry) => this.#folded(entry)),
    ));
    find("topics").append(...topics);
    find("questions").hidden = topics.length === 0;
  }

  #folded(entry) {
    return make("details", { class: "fold" }, make("summary", {}, said(entry.title)), this.#answer(entry));
  }

  #answer(entry) {
    const parts = said(entry.answer).split("\n\n").map((part) => make("p", { class: "text" }, dialable(part)));
    const written = entry.sources.length ? [make("p", { class: "source" }, `${words.written} ${entry.sources.join("; ")}`)] : [];
    return [...parts, ...written];
  }

  // -- all of it --

  // Every answer begins with how old it is.
  #tell(title, told, cards = [], origin = {}) {
    const heading = find("results-title");
    heading.textContent = title;
    this.results.replaceChildren(this.notice, heading, ...told);
    find("cards").replaceChildren(...cards);
    this.results.hidden = false;
    this.#drawMap(cards, origin);
    this.results.focus({ preventScroll: true });
    this.results.scrollIntoView({ block: "start" });
  }

  // Without one, the cards say it all.
  async #drawMap(cards, origin) {
    this.#map?.remove();
    this.#map = null;
    const section = find("map-section");
    section.hidden = !cards.length;
    section.querySelector(".ring").hidden = !origin.lat;
    section.querySelector(".exact").hidden = !cards.some(({ dataset }) => dataset.exact === "yes");
    section.querySelector(".rough").hidden = !cards.some(({ dataset }) => dataset.exact === "no");
    try {
      await ready(find("map"));
      if (cards.length && cards[0].isConnected) this.#map = drawMap(find("map"), cards, origin);
    } catch {
      section.hidden = true;
    }
  }
}

function dial() {
  return make("p", {}, find("dial").content.cloneNode(true));
}

// What a form said that could not be sent: the worker tells it once.
function whatWasAsked() {
  return new Promise((resolve) => {
    const worker = navigator.serviceWorker?.controller;
    if (!worker) { resolve(null); return; }
    const { port1, port2 } = new MessageChannel();
    port1.addEventListener("message", ({ data }) => resolve(data));
    port1.start();
    setTimeout(() => resolve(null), ANSWER_MS);
    worker.postMessage("asked", [port2]);
  });
}

keepAddress();
const taken = await fetchedJson("/offline.json").catch(() => null);
if (taken) new Page(taken).open(await whatWasAsked());
else find("notice").replaceChildren(make("p", {}, dialable(words.nothing)));
