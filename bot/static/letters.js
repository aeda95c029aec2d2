// Answers of the staff: asked for while a question is with them, whenever the page is looked at again.

import { recall, remember } from "./memory.js";
import { letters } from "./service.js";

const EVERY_MS = 30_000;

export class Letters {
  #timer = 0;
  #asking = false;

  // `arrived(letter)`: shows one, once.
  constructor(arrived) {
    this.arrived = arrived;
    const look = () => { if (!document.hidden) this.look(); };
    document.addEventListener("visibilitychange", look);
    addEventListener("focus", look);
    this.look();
  }

  // From now on something may come.
  expect() {
    remember("waits", true);
    this.#again();
  }

  forget() {
    remember("waits", false);
    clearTimeout(this.#timer);
  }

  async look() {
    if (this.#asking || !recall("waits") || !recall("token")) return;
    this.#asking = true;
    const read = recall("read") ?? 0;
    const found = await letters(read).catch((why) => ({ letters: [], waits: why.status !== 401 }));
    this.#asking = false;
    if (!recall("waits")) return; // forgotten meanwhile
    for (const letter of found.letters) {
      remember("read", Math.max(recall("read") ?? 0, letter.id));
      this.arrived(letter);
    }
    // Once more, to say that these were read.
    remember("waits", found.waits || found.letters.length > 0);
    if (found.letters.length) this.look();
    else this.#again();
  }

  #again() {
    clearTimeout(this.#timer);
    if (recall("waits")) this.#timer = setTimeout(() => this.look(), EVERY_MS);
  }
}
