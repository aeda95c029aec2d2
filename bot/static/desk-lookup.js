// The look-up: what is typed is sent at once, one request at a time, and the newest text wins. Everything works by keyboard.

import { isTyping, send } from "./desk-frame.js";
import { make } from "../dom.js";
import { Basket } from "./desk-basket.js";
import { Shelf } from "./desk-shelf.js";

const DIGIT = /^(?:Digit|Numpad)([1-9])$/;

class LookUp {
  #asked = { text: "", entry: "", place: "" };
  #wanted = false; // something was typed since the last request
  #settled = Promise.resolve();
  #isBusy = false;

  constructor(form) {
    const find = (name) => form.querySelector(`[data-lookup-${name}]`);
    this.form = form;
    this.script = JSON.parse(document.querySelector("[data-lookup-script]").textContent);
    this.words = this.script.words;
    [this.box, this.list, this.answer, this.spots, this.status, this.byHand] = (
      ["box", "list", "answer", "spots", "status", "by-hand"].map(find)
    );
    this.shelf = new Shelf(this.script.clerk);
    this.basket = new Basket(find("basket"), this.words, {
      copy: () => this.#copyBasket(),
      changed: (count) => this.#say(fill(this.words.basket, { count })),
    });
    this.region = ""; // chosen for this call
    this.#listen();
    this.#asked.text = this.box.value;
    this.#dress();
    if (!this.list.querySelector("[data-hit]")) this.#showShelf();
    form.classList.add("ready");
    this.box.focus();
  }

  // -- asking --

  #ask(changes) {
    this.#asked = { ...this.#asked, ...changes };
    this.#wanted = true;
    if (!this.#isBusy) this.#settled = this.#run();
  }

  async #run() {
    this.#isBusy = true;
    try {
      while (this.#wanted) {
        this.#wanted = false;
        await this.#fetch(this.#asked);
      }
    } finally {
      this.#isBusy = false;
    }
  }

  async #fetch(asked) {
    try {
      const answer = await send("/desk/api/look-up", asked);
      if (!answer.ok) throw new Error(answer.status);
      const parts = await answer.json();
      if (!this.#wanted) this.#show(parts, asked);
    } catch {
      this.#say(this.words.lost, { isBad: true });
    }
  }

  // The parts come from our own templates, which write everything typed as text.
  #show(parts, asked) {
    const focused = this.#hits().indexOf(document.activeElement);
    const part = [this.answer, this.spots].find((one) => one.contains(document.activeElement));
    this.list.innerHTML = parts.list;
    this.answer.innerHTML = parts.answer;
    this.spots.innerHTML = parts.spots;
    this.#dress();
    if (!this.#hits().length && !asked.text) this.#showShelf();
    (this.#hits()[focused] ?? part)?.focus();
    const shown = this.#shown();
    if (!asked.text) this.#say("");
    else if (!shown && !this.spots.querySelector("h2")) this.#say(this.words.none, { isBad: true });
    else this.#say(shown ? this.#title(this.#chosen(), shown.dataset.title) : "");
  }

  #title(number, title) {
    return number < 0 ? title : fill(this.words.chosen, { number: number + 1, title });
  }

  // -- the list --

  #hits() { return [...this.list.querySelectorAll("[data-hit]")]; }
  #chosen() { return this.#hits().findIndex((hit) => hit.hasAttribute("aria-current")); }

  #choose(number) {
    const hits = this.#hits();
    const hit = hits[number];
    if (!hit) return;
    for (const one of hits) one.toggleAttribute("aria-current", false);
    hit.setAttribute("aria-current", "true");
    hit.scrollIntoView({ block: "nearest" });
    if (hits.includes(document.activeElement)) hit.focus();
    this.#ask({ entry: hit.value });
  }

  #move(step) {
    const count = this.#hits().length;
    if (count) this.#choose((Math.max(this.#chosen(), step > 0 ? -1 : 0) + step + count) % count);
  }

  #showShelf() {
    const titled = (name) => this.form.querySelector(`[data-lookup-${name}-title]`).innerHTML;
    const rows = [["pinned", this.shelf.pinned], ["recent", this.shelf.recent]]
      .map(([name, ids]) => [name, ids.filter((id) => Object.hasOwn(this.script.titles, id))])
      .filter(([, ids]) => ids.length);
    let number = 0;
    this.list.replaceChildren(...rows.flatMap(([name, ids]) => [
      make("h2", {}, titled(name)),
      make("ol", { class: "hits" }, ids.map((id) => make("li", {}, this.#kept(id, (number += 1))))),
    ]));
  }

  #kept(id, number) {
    const current = this.#shown()?.dataset.answer === id && "true";
    return make(
      "button", { class: "hit", name: "entry", value: id, "data-hit": "", "aria-current": current },
      make("span", { class: "desk-number", "aria-hidden": "true" }, number),
      make("strong", {}, this.script.titles[id]),
    );
  }

  // -- the answer --

  #shown() { return this.answer.querySelector("[data-answer]"); }

  // Show one panel: of the region of this call, in the voice this clerk likes.
  #dress() {
    const shown = this.#shown();
    if (!shown) return;
    const regions = [...shown.querySelectorAll("[data-region-choice]")].map(({ value }) => value);
    this.#set("region", regions.includes(this.region) ? this.region : shown.dataset.region);
    this.#set("voice", this.shelf.voice || "phone");
    shown.querySelector("[data-pin]").setAttribute("aria-pressed", this.shelf.pinned.includes(shown.dataset.answer));
    this.#turn();
  }

  #set(kind, value) {
    const choice = [...this.answer.querySelectorAll(`[data-${kind}-choice]`)].find((one) => one.value === value);
    if (choice) choice.checked = true;
  }

  #value(kind) {
    return this.answer.querySelector(`[data-${kind}-choice]:checked`)?.value ?? "";
  }

  #turn() {
    const region = this.#value("region") || this.#shown().dataset.region;
    const panel = `${region} ${this.#value("voice")}`;
    for (const one of this.answer.querySelectorAll("[data-panel]")) one.hidden = one.dataset.panel !== panel;
    for (const one of this.answer.querySelectorAll("[data-facts]")) one.hidden = one.dataset.facts !== region;
  }

  async #next(kind) {
    await this.#settled;
    const choices = [...this.answer.querySelectorAll(`[data-${kind}-choice]`)];
    if (!choices.length) return;
    const choice = choices[(choices.findIndex(({ checked }) => checked) + 1) % choices.length];
    choice.checked = true;
    this.#chose(choice);
    this.#say(choice.parentElement.textContent);
  }

  #chose(choice) {
    if (choice.matches("[data-voice-choice]")) this.shelf.voice = choice.value;
    else this.region = choice.value;
    this.#turn();
  }

  #snippet() {
    const panel = this.answer.querySelector("[data-panel]:not([hidden])");
    if (!panel) return null;
    return {
      what: `${panel.querySelector("h3").firstChild.textContent.trim()} · ${this.#shown().dataset.title}`,
      text: panel.querySelector("[data-text]").textContent,
    };
  }

  async #pin() {
    await this.#settled;
    const shown = this.#shown();
    if (!shown) return;
    const isPinned = this.shelf.toggle(shown.dataset.answer);
    shown.querySelector("[data-pin]").setAttribute("aria-pressed", isPinned);
    if (!this.#asked.text) this.#showShelf();
    this.#say(fill(isPinned ? this.words.pinned : this.words.unpinned, { what: shown.dataset.title }));
  }

  // -- copying --

  async #copyAnswer() {
    await this.#settled;
    const id = this.#shown()?.dataset.answer;
    if (id) this.shelf.use(id);
    this.#copy(this.#snippet());
  }

  async #copyHall(hall) {
    await this.#settled;
    this.#copy(this.#told(hall ?? this.spots.querySelector("[data-hall]")));
  }

  #copyBasket() {
    this.#copy(this.basket.text && { what: this.words.whole_basket, text: this.basket.text });
  }

  #told(hall) {
    if (!hall) return null;
    const { name, said, sms, english } = hall.dataset;
    return { what: name, text: { sms, en: english }[this.#value("voice") || this.shelf.voice] ?? said };
  }

  async #copy(snippet) {
    if (!snippet) {
      this.#say(this.words.nothing, { isBad: true });
      return;
    }
    this.byHand.hidden = true;
    try {
      await navigator.clipboard.writeText(snippet.text);
      this.#say(fill(this.words.copied, { what: snippet.what }));
    } catch {
      const area = this.byHand.querySelector("textarea");
      this.byHand.hidden = false;
      area.value = snippet.text;
      area.select();
      this.#say(this.words.by_hand, { isBad: true });
    }
  }

  async #keep(snippet) {
    await this.#settled;
    const kept = snippet();
    if (kept) this.basket.add(kept.what, kept.text);
    else this.#say(this.words.nothing, { isBad: true });
  }

  #say(text, { isBad = false } = {}) {
    this.status.textContent = text;
    this.status.classList.toggle("bad", isBad);
  }

  // -- what a clerk does --

  #listen() {
    this.box.addEventListener("input", (event) => { if (!event.isComposing) this.#typed(); });
    this.box.addEventListener("compositionend", () => this.#typed());
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#pressed(event.submitter);
    });
    this.form.addEventListener("change", ({ target }) => {
      if (target.matches("[data-voice-choice], [data-region-choice]")) this.#chose(target);
    });
    this.form.addEventListener("click", ({ target }) => this.#clicked(target));
    document.addEventListener("keydown", (event) => this.#key(event));
  }

  #typed() {
    this.#ask({ text: this.box.value, entry: "", place: "" });
  }

  // A button of the list, of another entry, of a place.
  #pressed(button) {
    if (button?.matches("[data-hit]")) this.#choose(this.#hits().indexOf(button));
    else if (button?.name) this.#ask({ [button.name]: button.value });
  }

  #clicked(target) {
    const hall = target.closest("[data-hall]");
    if (target.closest("[data-copy]")) this.#copyAnswer();
    else if (target.closest("[data-basket-add]")) this.#keep(() => this.#snippet());
    else if (target.closest("[data-pin]")) this.#pin();
    else if (target.closest("[data-hall-copy]")) this.#copyHall(hall);
    else if (target.closest("[data-hall-basket]")) this.#keep(() => this.#told(hall));
  }

  // For the next call; once more, out of the box, where "?" and "g" are keys.
  #clear() {
    const isEmpty = !this.box.value && !Object.values(this.#asked).some(Boolean);
    if (document.activeElement === this.box && isEmpty && this.byHand.hidden) {
      this.box.blur();
      return;
    }
    this.box.value = "";
    this.region = "";
    this.byHand.hidden = true;
    this.#ask({ text: "", entry: "", place: "" });
    this.box.focus();
  }

  // -- keys --

  #key(event) {
    if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]")) return;
    const act = this.#act(event);
    if (!act) return;
    event.preventDefault();
    act();
  }

  #act(event) {
    const { altKey, ctrlKey, metaKey, shiftKey, key, code, target } = event;
    const inBox = target === this.box;
    if (ctrlKey || metaKey) return null;
    const digit = DIGIT.exec(code)?.[1];
    if (altKey) return digit ? () => this.#choose(digit - 1) : null;
    if (digit && !shiftKey && !isTyping(event)) return () => this.#choose(digit - 1);
    if (key === "Enter") return this.#enter(event, inBox);
    if (!inBox && isTyping(event) && key.startsWith("Arrow")) return null; // of the voices, the marked text
    return {
      "?": inBox && !this.box.value ? () => document.querySelector("[data-keys-open]").click() : null,
      "/": inBox || isTyping(event) ? null : () => this.box.select(),
      ArrowDown: () => this.#move(1),
      ArrowUp: () => this.#move(-1),
      F2: () => this.#next("voice"),
      F4: () => this.#next("region"),
      F8: () => (shiftKey ? this.#copyBasket() : this.#keep(() => this.#snippet())),
      F9: () => this.#pin(),
      Escape: () => this.#clear(),
    }[key] ?? null;
  }

  // On any other button, Enter presses it.
  #enter({ shiftKey, target }, inBox) {
    if (!inBox && !target.matches("[data-hit], body, section, [type='radio']")) return null;
    return shiftKey ? () => this.#copyHall() : () => this.#copyAnswer();
  }
}

function fill(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

new LookUp(document.querySelector("[data-lookup]"));
