// A reply as elements: the same as templates/chat-reply.html and the card of the first page.

import { canTell } from "../here.js";
import { dialable, link, make, press, whole } from "../dom.js";

const MANY = 8;
const LEADS_TO_PEOPLE = new Set(["decline", "hand-over", "ask-staff", "handed", "no-staff"]);
const SOURCE = /^(.*?)\s*(https?:\/\/\S+)$/;

// `on`: what happens when a button is pressed – pick(button), here(button, words), judge(helpful, box).
export function replyElement(reply, words, on) {
  const said = make("div", { class: "answer", lang: reply.language });
  if (reply.text) said.append(bubble(reply, words));
  if (reply.spots) said.append(spots(reply, words));
  if (reply.buttons.some(usable)) said.append(choices(reply, words, on));
  if (reply.sources.length) said.append(sources(reply, words));
  if (reply.opinion) said.append(opinion(reply, words, on));
  return said;
}

// An answer of the staff.
export function letterElement(letter, words) {
  return make(
    "div", { class: "answer", lang: letter.language },
    make("p", { class: "from-staff" }, words.staff),
    letter.asked ? make("p", { class: "hint" }, `${words.on_your_question}${words.space}${letter.asked}`) : [],
    make("div", { class: "bubble" }, make("p", { class: "text" }, dialable(letter.text))),
  );
}

// What was said of an opinion, instead of asking for it.
export function thanks(text) {
  return make("p", { class: "thanks", tabindex: "-1" }, dialable(text));
}

function usable(button) {
  return button.kind !== "here" || canTell;
}

function bubble(reply, words) {
  const parts = reply.text.split("\n\n").map((part) => make("p", { class: "text" }, dialable(part)));
  if (reply.decision === "handed") parts.push(make("p", { class: "text" }, words.keep_open));
  const leads = LEADS_TO_PEOPLE.has(reply.decision) ? [make("p", {}, dial(words))] : [];
  return make("div", { class: "bubble" }, parts, leads);
}

function dial(words) {
  return make("a", { class: "dial", href: "tel:12333" }, words.dial);
}

function choices(reply, words, on) {
  const title = `choices-${reply.id}`;
  const shown = reply.buttons.filter(usable);
  const list = make("ol", { class: shown.length > MANY ? "picks many" : "picks", "aria-labelledby": title });
  for (const [index, button] of shown.entries()) {
    const isHere = button.kind === "here";
    const text = isHere ? button.text : [make("span", { class: "n" }, String(index + 1)), ` ${button.text}`];
    const act = isHere ? () => on.here(pick, words) : () => on.pick(button);
    const pick = press(isHere ? "pick here" : "pick", "", act);
    pick.append(...[text].flat());
    list.append(make("li", { class: isHere ? "here" : undefined }, pick));
  }
  const hint = make("p", { class: "hint", id: title }, reply.asks ? words.choose : words.further);
  return make("div", { class: "choices-of-it" }, hint, list);
}

function sources(reply, words) {
  const lines = reply.sources.map((source) => {
    const found = SOURCE.exec(source);
    return make("li", {}, found ? link(found[2], found[1]) : source);
  });
  const list = make("ul", { lang: reply.language === "en" ? "zh-Hans" : undefined }, lines); // as they are called there
  return make("details", { class: "fold sources" }, make("summary", {}, words.sources), list);
}

function opinion(reply, words, on) {
  const title = `helped-${reply.id}`;
  const box = make("div", { class: "opinion", role: "group", "aria-labelledby": title });
  box.append(
    make("span", { id: title }, words.helped),
    press("small", words.yes, () => on.judge(true, box)),
    press("small", words.no, () => on.judge(false, box)),
  );
  return box;
}

// -- outlets --

function spots({ id, spots: found }, words) {
  const title = `spots-${id}`;
  const box = make("div", { class: "spots", "data-lat": found.origin?.lat, "data-lon": found.origin?.lon });
  const told = found.said.map((line) => make("p", {}, dialable(line)));
  box.append(make("div", { class: "bubble about-it" }, make("p", { class: "spots-title", id: title }, found.title), told));
  if (found.notice) {
    box.append(make("div", { class: "notice" }, make("p", {}, dialable(found.notice)), make("p", {}, dial(words))));
  }
  if (found.cards.length) {
    box.append(make("ol", { class: "cards", "aria-labelledby": title }, found.cards.map((one) => card(one, words))));
  }
  return box;
}

function card(one, words) {
  const attributes = {
    class: "card", tabindex: "-1", "data-lat": one.lat, "data-lon": one.lon, "data-exact": one.exact ? "yes" : "no",
    "data-precision": one.precision, "data-district": one.district, "data-number": one.number,
  };
  return make(
    "li", attributes,
    make("h3", {}, make("span", { class: "number" }, String(one.number)), " ", make("span", {}, one.name)),
    make("div", { class: "facts" }, make("p", { class: "distance" }, one.distance), badge(one), told(one)),
    make("dl", {}, fact(words.address, make("dd", { lang: "zh-Hans" }, one.address)), one.phone ? phone(one, words) : []),
    status(one, words),
    apps(one, words),
    details(one, words),
  );
}

function badge(one) {
  return make("p", { class: `badge ${one.state}${one.shut ? " shut" : ""}` }, one.opening);
}

function told(one) {
  return (one.notices ?? []).map((line) => make("p", { class: "told" }, line));
}

function fact(label, said) {
  return make("div", {}, make("dt", {}, label), said);
}

function phone(one, words) {
  const number = make("a", { class: "tel", href: `tel:${one.phone.replaceAll(" ", "")}` }, one.phone);
  return fact(words.phone, make("dd", {}, number));
}

function status(one, words) {
  return make(
    "p", { class: `status ${one.status}` }, make("strong", {}, one.status_words), words.space, dialable(one.call_first),
  );
}

function apps(one, words) {
  const links = one.links.flatMap(({ name, url }) => [link(url, name), " "]);
  return make("p", { class: "apps" }, make("span", {}, one.exact ? words.pinned : words.searched), " ", links);
}

function details(one, words) {
  const facts = make("dl");
  if (one.hours.length) facts.append(fact(words.hours, make("dd", {}, one.hours.map((line) => make("p", {}, whole(line))))));
  if (one.services) facts.append(fact(words.services, make("dd", {}, one.services)));
  if (one.note) facts.append(fact(words.note, make("dd", {}, one.note)));
  const source = one.source_url ? link(one.source_url, one.source) : one.source;
  return make(
    "details", { class: "fold" }, make("summary", {}, words.more), facts,
    make("p", { class: "source" }, one.precision_words, make("br"), source, one.checked ? [make("br"), one.checked] : []),
  );
}
