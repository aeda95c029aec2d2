// Several snippets, joined into one text. They are kept as long as the page is open, and no longer.

import { make, press } from "../dom.js";

export class Basket {
  #texts = [];

  constructor(root, words, { copy, changed }) {
    this.root = root;
    this.words = words;
    this.changed = changed;
    root.querySelector("[data-basket-copy]").addEventListener("click", copy);
    root.querySelector("[data-basket-empty]").addEventListener("click", () => this.#set([]));
  }

  get text() { return this.#texts.map(({ text }) => text).join("\n\n"); }

  add(title, text) {
    this.#set([...this.#texts, { title, text }]);
  }

  #set(texts) {
    this.#texts = texts;
    this.root.querySelector("ol").replaceChildren(...texts.map((one) => this.#item(one)));
    this.root.hidden = texts.length === 0;
    this.changed(texts.length);
  }

  #item(one) {
    const out = press("desk-plain", this.words.remove, () => this.#set(this.#texts.filter((other) => other !== one)));
    out.setAttribute("aria-label", `${this.words.remove} ${one.title}`);
    return make("li", {}, make("strong", {}, one.title), out, make("p", { class: "hint" }, one.text));
  }
}
