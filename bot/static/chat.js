// The chat: takes over the forms of chat-body.html, so that a conversation stays on one page.

import { whereAmI } from "../here.js";
import { dialable, make, press } from "../dom.js";
import { recall, remember } from "./memory.js";
import { Letters } from "./letters.js";
import { letterElement, replyElement, thanks } from "./reply.js";
import { NotSent, Refused, judge, newId, tell, topics } from "./service.js";
import { Suggestions } from "./suggestions.js";
import { showMap } from "./spots-map.js";

const LONGEST_MEMORY = 40; // turns
export const BETWEEN = "|"; // a form's button holds its id and its words
const SECOND_MS = 1_000;
const touched = matchMedia("(pointer: coarse)").matches;
const still = matchMedia("(prefers-reduced-motion: reduce)").matches;

// A turn: what was asked, the message that asks it (a position is not kept), and the reply when there is one.
class Chat {
  #busy = false;
  #waiting = false;

  constructor(root) {
    const find = (name) => root.querySelector(`[data-chat-${name}]`);
    this.root = root;
    this.script = JSON.parse(find("script").textContent);
    this.words = this.script.words;
    [this.log, this.form, this.problem, this.status, this.button] = ["log", "form", "problem", "status", "send"].map(find);
    this.box = this.form.elements.text;
    this.turns = recall("turns") ?? [];
    this.#takeOver();
    this.suggestions = new Suggestions({
      box: this.box,
      list: find("suggestions"),
      load: () => topics(this.script.language),
      pick: (entry) => this.#ask({ choice: `entry:${entry.id}` }, entry.title, { typed: true }),
      say: (count) => { find("count").textContent = count ? fill(this.words.topics_found, { count }) : ""; },
    });
    this.#restore();
    this.letters = new Letters((letter) => this.#arrived(letter));
    root.dataset.ready = "";
  }

  focus() {
    this.box.focus();
  }

  // `said`: a text or a choice; `words`: how it is shown.
  ask(said, words) {
    this.#ask(said, words, { typed: false });
  }

  // -- what a person does --

  #takeOver() {
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    this.box.addEventListener("keydown", (event) => {
      // While a Chinese word is being composed, Enter chooses it.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#send();
    });
    this.box.addEventListener("input", () => this.#typed());
    for (const form of this.root.querySelectorAll("[data-chat-buttons]")) {
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        const [choice, text] = event.submitter.value.split(BETWEEN);
        this.#ask({ choice }, text, { typed: false });
      });
    }
  }

  #typed() {
    this.box.style.height = "auto";
    this.box.style.height = `${this.box.scrollHeight + 4}px`; // with its border
    remember("draft", this.box.value);
  }

  #write(text) {
    this.box.value = text;
    this.#typed();
  }

  #send() {
    const text = this.box.value.trim();
    if (this.#busy || this.#waiting) return;
    if (!text) {
      this.#complain(this.words.empty);
      this.box.focus();
      return;
    }
    this.#ask({ text }, text, { typed: true });
  }

  // -- one message --

  #ask(said, asked, how) {
    if (this.#busy || this.#waiting) return;
    this.suggestions.close();
    if (how.typed) this.#write("");
    const turn = { asked, message: { id: newId(), language: this.script.language, ...said } };
    this.turns.push(turn);
    this.#keep();
    const question = this.#showQuestion(turn);
    question.scrollIntoView({ block: "end", behavior: "auto" });
    this.#deliver(turn, question, how);
  }

  async #deliver(turn, question, how) {
    this.#busy = true;
    this.#complain("");
    this.status.textContent = this.words.writing;
    this.root.classList.add("busy");
    try {
      this.#answered(turn, await tell(turn.message), question, how);
    } catch (why) {
      this.#failed(turn, why, question, how);
    } finally {
      this.#busy = false;
      this.status.textContent = "";
      this.root.classList.remove("busy");
    }
  }

  #answered(turn, reply, question, how) {
    turn.reply = reply;
    if (reply.decision === "forgotten") this.#forget(turn);
    if (reply.decision === "handed") this.letters.expect();
    this.#keep();
    const shown = this.#showReply(turn);
    this.#drawMap();
    (question.isConnected ? question : shown).scrollIntoView({ block: "start", behavior: still ? "auto" : "smooth" });
    this.#focusAfter(shown, how);
    if (reply.decision === "language") this.#speak(reply.language);
  }

  // Who typed goes on typing; who pressed a button goes on pressing. On a phone the keyboard makes room for the answer.
  #focusAfter(shown, { typed }) {
    if (typed && !touched) this.box.focus({ preventScroll: true });
    else (typed ? shown : shown.querySelector(".pick") ?? shown).focus({ preventScroll: true });
  }

  #failed(turn, why, question, how) {
    if (why instanceof NotSent || why.status >= 500) {
      this.#offerAgain(turn, question, how, why);
      return;
    }
    if (!(why instanceof Refused)) throw why;
    this.turns = this.turns.filter((one) => one !== turn);
    this.#keep();
    question.remove();
    if (turn.message.text && !this.box.value) this.#write(turn.message.text);
    this.#complain(fill(this.script.problems[why.status] ?? this.script.problems[422], { seconds: why.waitS }));
    if (how.typed) this.box.focus();
    if (why.status === 429) this.#pause(why.waitS);
  }

  #offerAgain(turn, question, how, why) {
    const said = why instanceof NotSent ? this.words.not_sent : this.script.problems[why.status] ?? this.script.problems[500];
    const note = make("div", { class: "unsent" }, make("p", {}, dialable(said)));
    const again = press("second", this.words.again, () => {
      if (this.#busy || this.#waiting) return;
      note.remove();
      this.#deliver(turn, question, how);
    });
    note.append(again);
    // Only what the worker took along can be looked up then.
    if (why instanceof NotSent && navigator.serviceWorker?.controller) {
      note.append(make("a", { href: this.script.offline }, this.words.stored));
    }
    question.append(note);
    note.scrollIntoView({ block: "nearest" });
    again.focus({ preventScroll: true });
  }

  // Sent too fast: the button counts down.
  #pause(seconds) {
    this.#waiting = true;
    const until = Date.now() + seconds * SECOND_MS;
    const count = () => {
      const left = Math.ceil((until - Date.now()) / SECOND_MS);
      this.#waiting = left > 0;
      this.button.textContent = left > 0 ? fill(this.words.wait, { seconds: left }) : this.words.send;
      this.button.setAttribute("aria-disabled", String(left > 0));
      if (left > 0) setTimeout(count, SECOND_MS / 4);
      else this.#complain("");
    };
    count();
  }

  #complain(text) {
    this.problem.replaceChildren(...(text ? [make("p", {}, dialable(text))] : []));
  }

  // -- what is shown --

  #showQuestion({ asked }) {
    const question = make(
      "div", { class: "turn you" }, make("p", { class: "who" }, this.words.you),
      make("div", { class: "bubble" }, make("p", { class: "text" }, asked)),
    );
    this.log.append(question);
    return question;
  }

  #showReply(turn) {
    const words = this.script.reply_words[turn.reply.language];
    const said = replyElement(turn.reply, words, {
      pick: (button) => this.#ask({ choice: button.id }, button.text, { typed: false }),
      here: (button, inWords) => this.#explain(button, inWords),
      judge: (helpful, box) => this.#judge(turn, helpful, box),
    });
    if (turn.thanks) said.querySelector(".opinion")?.replaceWith(thanks(turn.thanks));
    const shown = make(
      "div", { class: "turn us", tabindex: "-1" }, make("h2", { class: "who" }, this.words.we), said,
    );
    this.log.append(shown);
    return shown;
  }

  // It is read aloud where it appears; nobody is torn away from what they write.
  #arrived(letter) {
    this.turns.push({ letter });
    this.#keep();
    this.#showLetter(letter).scrollIntoView({ block: "nearest" });
  }

  #showLetter(letter) {
    const words = this.script.reply_words[letter.language];
    const shown = make("div", { class: "turn us", tabindex: "-1" }, letterElement(letter, words));
    this.log.append(shown);
    return shown;
  }

  // Only the newest outlets have a map.
  #drawMap() {
    const newest = [...this.log.querySelectorAll(".spots .cards")].at(-1)?.closest(".turn");
    if (newest && !newest.querySelector(".chat-map")) showMap(this.root, newest);
  }

  #restore() {
    for (const turn of this.turns) {
      if (turn.letter) this.#showLetter(turn.letter);
      const question = turn.asked ? this.#showQuestion(turn) : null;
      if (turn.reply) this.#showReply(turn);
      else if (question) this.#offerAgain(turn, question, { typed: false }, new NotSent());
    }
    this.#drawMap();
    if (this.turns.length) this.log.lastElementChild.scrollIntoView({ block: "start" });
    if (!this.box.value) this.#write(recall("draft") ?? "");
  }

  // A position is shared once, by a press, and not sent again later.
  #keep() {
    const kept = this.turns.filter(({ message, reply, letter }) => letter || reply || !message.datum).slice(-LONGEST_MEMORY);
    remember("turns", kept.map(({ asked, message, reply, thanks: said, letter }) => (
      letter ? { letter } : { asked, message: reply ? { id: message.id } : message, reply, thanks: said }
    )));
  }

  #forget(turn) {
    this.turns = [turn];
    turn.asked = "";
    this.log.replaceChildren();
    this.letters.forget();
    remember("draft", "");
  }

  // Go on with the whole page in the language that was chosen.
  #speak(language) {
    if (language === this.script.language || !this.root.closest("main.chat-page")) return;
    const there = document.querySelector(`[data-chat-tongues] [lang="${language}"]`);
    if (there) location.assign(there.href);
  }

  // -- opinions, and positions --

  async #judge(turn, helpful, box) {
    const said = await judge(turn.message.id, helpful, turn.reply.language).then(({ text }) => text, () => "");
    if (said) {
      turn.thanks = said;
      this.#keep();
    }
    const told = thanks(said || this.words.opinion_lost);
    box.replaceWith(told);
    told.focus({ preventScroll: true });
  }

  // What the position is for, before the browser is asked.
  #explain(button, words) {
    const open = this.log.querySelector(".here-box");
    open?.remove();
    if (open?.previousElementSibling?.contains(button)) return;
    const box = make("div", { class: "here-box", role: "group" }, make("p", {}, words.here_why));
    const yes = press("go", words.here_yes, () => this.#locate(box, words));
    const no = press("second", words.here_no, () => { box.remove(); button.focus(); });
    box.append(make("p", { class: "buttons" }, yes, no));
    button.closest(".choices-of-it").after(box);
    box.scrollIntoView({ block: "nearest" });
    yes.focus({ preventScroll: true });
  }

  async #locate(box, words) {
    const said = make("p", { role: "status" });
    box.replaceChildren(said);
    said.textContent = words.here_asking;
    try {
      const { lat, lon } = await whereAmI();
      box.remove();
      const message = { lat: Number(lat), lon: Number(lon), datum: "wgs84" };
      this.#ask(message, this.words.my_position, { typed: false });
    } catch (why) {
      said.textContent = words[`here_${why}`];
      this.box.focus();
    }
  }
}

function fill(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

export function startChat(root) {
  return new Chat(root);
}
