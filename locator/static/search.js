// The search box: what could be meant, while somebody types. Without the list it stays a plain field.

import { make } from "./dom.js";
import { Names, asked, named } from "./match.js";

const MOST = 8;
const MOST_WHEN_LOW = 5; // with the keyboard of a phone open
const LOW = 480; // pixels
const SETTLED_MS = 800;
const BETWEEN = /[\s,，、;；]+/;

class SearchBox {
  #names = null;
  #loading = null;
  #rows = []; // on offer
  #active = -1;
  #timer = 0;

  constructor(box, list, status) {
    Object.assign(this, { box, list, status, form: box.form, words: JSON.parse(list.dataset.words) });
    const said = {
      role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id, "aria-haspopup": "listbox",
    };
    for (const [name, value] of Object.entries(said)) box.setAttribute(name, value);
    box.addEventListener("focus", () => this.#load());
    box.addEventListener("input", (event) => { if (!event.isComposing) this.#offer(); });
    box.addEventListener("compositionend", () => this.#offer());
    box.addEventListener("keydown", (event) => this.#key(event));
    box.addEventListener("blur", () => this.#close());
    list.addEventListener("mousedown", (event) => event.preventDefault()); // the box keeps the focus
    list.addEventListener("click", ({ target }) => this.#pick(this.#rows[target.closest("li")?.dataset.place]));
    if (document.activeElement === box) this.#load();
  }

  // -- what is known --

  #load() {
    this.#loading ??= this.#fetched().then((rows) => {
      this.#names = new Names(rows);
      this.places = new Map(rows.filter(({ kind, now }) => ["city", "district"].includes(kind) && !now).map((row) => [row.zh, row]));
      if (document.activeElement === this.box && this.box.value) this.#offer();
    }).catch(() => { this.#loading = null; }); // typing works without; the next focus tries again
  }

  async #fetched() {
    const topics = document.querySelector("[data-topics]")?.dataset.topics;
    const [names, questions] = await Promise.all([
      fetched(this.list.dataset.names).then(named),
      topics ? fetched(topics).then((told) => asked(told.topics), () => []) : [],
    ]);
    return [...names, ...questions];
  }

  // -- what is offered --

  #offer() {
    const most = window.innerHeight < LOW ? MOST_WHEN_LOW : MOST;
    this.#rows = this.#found(this.box.value, most);
    this.#active = -1;
    this.list.replaceChildren(...this.#rows.map((row, place) => this.#option(row, place)));
    this.#open(this.#rows.length > 0);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#tell(this.#rows.length), SETTLED_MS);
  }

  // Of 补卡 沙坪坝, what is typed last; `ahead` stays before it.
  #found(text, most) {
    const whole = this.#names?.find(text, most) ?? [];
    const last = text.split(BETWEEN).at(-1);
    if (whole.length || last === text || !last) return whole;
    const ahead = text.slice(0, -last.length);
    return (this.#names?.find(last, most) ?? []).filter(isPlace).map((row) => ({ ...row, ahead }));
  }

  #option(row, place) {
    return make(
      "li", { id: `${this.list.id}-${place}`, role: "option", "aria-selected": "false", "data-place": place },
      make("span", { class: "suggested" }, this.#name(row)), " ",
      make("span", { class: "suggested-of" }, this.#of(row)), " ",
      make("span", { class: "suggested-kind" }, this.words[row.kind]),
    );
  }

  #name(row) {
    if (!row.now) return this.#said(row);
    return this.words.also.replace("{name}", this.#said(this.places.get(row.now) ?? { ...row, zh: row.now, written: undefined }))
      .replace("{other}", row.written ?? row.zh); // 万州区（万县市）
  }

  #said(row) {
    return this.words.english ? row.en : row.written ?? row.zh;
  }

  #of({ of }) {
    return of && this.places.has(of) ? this.#said(this.places.get(of)) : of ?? "";
  }

  #tell(count) {
    this.status.textContent = count ? this.words.found.replace("{count}", count) : "";
  }

  #open(shown) {
    this.list.hidden = !shown;
    this.box.setAttribute("aria-expanded", String(shown));
    if (!shown) this.box.removeAttribute("aria-activedescendant");
  }

  #close() {
    clearTimeout(this.#timer);
    this.#tell(0);
    this.#open(false);
  }

  // -- what a person does --

  #key(event) {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (this.list.hidden) {
      if (step === 1 && this.box.value) this.#offer();
      return;
    }
    if (step) this.#go(event, step);
    else if (event.key === "Escape") this.#leave(event);
    else if (event.key === "Enter" && this.#active >= 0) {
      event.preventDefault();
      this.#pick(this.#rows[this.#active]);
    }
  }

  // Past either end the box itself is meant.
  #go(event, step) {
    event.preventDefault();
    const size = this.#rows.length + 1;
    this.#active = ((this.#active + 1 + step + size) % size) - 1;
    for (const [place, option] of [...this.list.children].entries()) {
      option.setAttribute("aria-selected", String(place === this.#active));
    }
    const option = this.list.children[this.#active];
    if (option) this.box.setAttribute("aria-activedescendant", option.id);
    else this.box.removeAttribute("aria-activedescendant");
    option?.scrollIntoView({ block: "nearest" });
  }

  #leave(event) {
    event.preventDefault();
    this.#close();
  }

  #pick(row) {
    if (!row) return;
    this.#close();
    if (row.kind === "outlet") this.#visit(`/outlets/${row.id}`, {});
    else if (row.kind === "service") this.#want(row);
    else if (row.kind === "question") this.#ask(row);
    else if (this.#isUnit(row) && !row.ahead) this.#visit("/", { district: row.zh, ...this.#filters() }, "#results");
    else this.#find(`${row.ahead ?? ""}${this.#sent(row)}`);
  }

  // A district of today: its name may stand in an address.
  #isUnit({ kind, now, of }) {
    return kind === "district" && !now && this.places.get(of)?.kind === "city";
  }

  // As the form goes on: same language, same size.
  #visit(path, fields, hash = "") {
    const url = new URL(this.form.action);
    Object.assign(url, { pathname: path, hash });
    for (const [name, value] of Object.entries(fields)) url.searchParams.set(name, value);
    location.assign(url);
  }

  #filters() {
    const given = new FormData(this.form);
    const names = this.list.dataset.filters.split(" ").filter((name) => given.get(name));
    return Object.fromEntries(names.filter((name) => name !== "when" || given.get("open") === "chosen").map((name) => [name, given.get(name)]));
  }

  // City, district and name, which name just one place.
  #sent({ kind, zh, now, of }) {
    const name = kind === "town" ? now ?? zh : zh;
    return [...new Set([this.places.get(of)?.of ?? "", of, name])].join("");
  }

  #find(text) {
    this.box.value = text;
    this.form.requestSubmit();
  }

  #want(row) {
    this.form.elements.service.value = row.id;
    this.box.value = "";
    this.status.textContent = this.words.wanted.replace("{service}", this.#said(row));
  }

  #ask(row) {
    this.box.value = "";
    this.box.dispatchEvent(new CustomEvent("ask", { bubbles: true, detail: { choice: `entry:${row.id}`, words: row.zh } }));
  }
}

function isPlace({ kind }) {
  return ["city", "district", "town"].includes(kind);
}

async function fetched(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${answer.status}`);
  return answer.json();
}

const box = document.getElementById("place");
new SearchBox(box, document.getElementById("place-list"), document.getElementById("place-said"));
