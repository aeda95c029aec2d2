// What could be meant, while somebody types: looked up here, so that no keystroke leaves the browser.

import { make, press } from "../dom.js";
import { fold, likeness } from "../match.js";

const MOST = 5;
const MOST_WHEN_LOW = 3; // with the keyboard of a phone open
const LOW = 480; // pixels
const SHORTEST = 2;
const LONGEST = 30; // a sentence that long is past suggesting
const ALIKE = 0.6; // of the pairs of letters
const SETTLED_MS = 800;

export class Suggestions {
  #entries = null;
  #timer = 0;

  // `load`: fetches the topics; `pick`: told the entry that was chosen; `say`: announces how many there are.
  constructor({ box, list, load, pick, say }) {
    Object.assign(this, { box, list, load, pick, say });
    box.addEventListener("focus", () => this.#fetch(), { once: true });
    box.addEventListener("input", () => this.#update());
    box.addEventListener("keydown", (event) => this.#fromBox(event));
    list.addEventListener("keydown", (event) => this.#fromList(event));
    box.form.addEventListener("focusout", ({ relatedTarget }) => {
      if (relatedTarget && !box.form.contains(relatedTarget)) this.close();
    });
  }

  get isOpen() {
    return !this.list.hidden;
  }

  close() {
    clearTimeout(this.#timer);
    this.list.hidden = true;
    this.say(0);
  }

  async #fetch() {
    try {
      const topics = await this.load();
      this.#entries = topics.flatMap(({ entries }) => entries).map((entry) => (
        { ...entry, heard: [entry.title, ...entry.asks].map(fold) }
      ));
    } catch {
      this.#entries = []; // typing works without
    }
    this.#update();
  }

  #update() {
    const found = this.#found(fold(this.box.value));
    this.list.replaceChildren(...found.map((entry) => make("li", {}, press("suggestion", entry.title, () => {
      this.close();
      this.pick(entry);
    }))));
    this.list.hidden = found.length === 0;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.say(found.length), SETTLED_MS);
  }

  #found(typed) {
    if (typed.length < SHORTEST || typed.length > LONGEST) return [];
    const rated = (this.#entries ?? []).map((entry) => [Math.max(...entry.heard.map((one) => likeness(typed, one))), entry]);
    const most = window.innerHeight < LOW ? MOST_WHEN_LOW : MOST;
    return rated.filter(([rate]) => rate >= ALIKE).sort(([one], [other]) => other - one).slice(0, most).map(([, entry]) => entry);
  }

  #fromBox(event) {
    if (!this.isOpen || event.isComposing) return;
    if (event.key === "ArrowDown") this.#go(event, 0);
    if (event.key === "Escape") this.#leave(event);
  }

  #fromList(event) {
    const now = this.#buttons.indexOf(document.activeElement);
    if (event.key === "ArrowDown") this.#go(event, now + 1);
    if (event.key === "ArrowUp") this.#go(event, now - 1);
    if (event.key === "Escape") this.#leave(event);
  }

  get #buttons() {
    return [...this.list.querySelectorAll("button")];
  }

  #go(event, place) {
    event.preventDefault();
    (this.#buttons.at(Math.min(place, this.#buttons.length - 1)) ?? this.box).focus();
    if (place < 0) this.box.focus();
  }

  #leave(event) {
    event.preventDefault(); // it would close the panel too
    event.stopPropagation();
    this.close();
    this.box.focus();
  }
}
