// What a browser keeps for one clerk: how they like answers told, and which entries they pinned or used. Ids, and nothing else.

const MOST_RECENT = 8;

export class Shelf {
  #kept = new Map(); // with storage off, until the page is left

  constructor(clerk) {
    this.prefix = `luyu-desk-${clerk}-`;
  }

  get voice() { return this.#read("voice") ?? ""; }
  set voice(name) { this.#write("voice", name); }
  get pinned() { return this.#ids("pinned"); }
  get recent() { return this.#ids("recent").filter((id) => !this.pinned.includes(id)); }

  use(id) {
    this.#write("recent", [id, ...this.#ids("recent").filter((one) => one !== id)].slice(0, MOST_RECENT));
  }

  // Whether it is pinned now.
  toggle(id) {
    const others = this.pinned.filter((one) => one !== id);
    const isNew = others.length === this.pinned.length;
    this.#write("pinned", isNew ? [...others, id] : others);
    return isNew;
  }

  #ids(name) {
    const ids = this.#read(name);
    return Array.isArray(ids) ? ids.filter((id) => typeof id === "string") : [];
  }

  #read(name) {
    try {
      return JSON.parse(localStorage.getItem(this.prefix + name)) ?? this.#kept.get(name) ?? null;
    } catch {
      return this.#kept.get(name) ?? null;
    }
  }

  #write(name, value) {
    this.#kept.set(name, value);
    try {
      localStorage.setItem(this.prefix + name, JSON.stringify(value));
    } catch {
      // Full, or not allowed.
    }
  }
}
