// Which of many names somebody may be typing: told here, so that no keystroke leaves the browser.

const ALIKE = 0.6; // of the pairs of letters
const SHORTEST = 2; // letters, for anything but the beginning of a name
const LEAST_HEARD = 4; // Latin letters: less sounds like too many things
const [EXACT, BARE, PREFIX, INITIALS, CONTAINED, HEARD, NOT] = [0, 1, 2, 3, 4, 5, 9];
const KINDS = ["city", "district", "town", "service", "outlet", "question"]; // larger places first
const KIND_OF_PLACE = /^(..+?)(土家族|苗族|彝族)*(自治县|新区|经开区|高新区|区|县|市|街道|镇|乡)$/;
const KIND_IN_ENGLISH = / (district|county|town|township|subdistrict|new area)$/i;
const CHINESE = /\p{Script=Han}/u;

export function fold(text) {
  return text.normalize("NFKD").toLowerCase().replace(/[\s\p{P}\p{S}\p{M}]/gu, "");
}

// From 0 to 2: whole in it, or how many of its pairs of letters are.
export function likeness(typed, phrase) {
  if (phrase.includes(typed)) return 1 + typed.length / phrase.length;
  const pairs = Array.from({ length: typed.length - 1 }, (_, start) => typed.slice(start, start + 2));
  return pairs.filter((pair) => phrase.includes(pair)).length / pairs.length;
}

// Rows of /suggestions.json, ready to be compared.
export function named(rows) {
  return rows.map((row) => ({ ...row, ...spelled(row) }));
}

// Entries of the topics, ready to be compared.
export function asked(topics) {
  return topics.flatMap(({ entries }) => entries).map(({ id, title, asks }) => (
    { kind: "question", id, zh: title, en: title, phrases: [title, ...asks].map(fold) }
  ));
}

export class Names {
  #rows;
  #sounds;

  constructor(rows) {
    this.#rows = rows;
    this.#sounds = new Map(rows.flatMap(syllables));
  }

  // The best few rows, the best first.
  find(text, most) {
    const typed = fold(text);
    if (!typed) return [];
    const heard = accent(this.#heard(typed));
    const rated = this.#rows.map((row) => [row.phrases ? asking(typed, row) : naming(typed, heard, row), row]);
    return rated.filter(([rank]) => rank < NOT).sort(before).slice(0, most).map(([, row]) => row);
  }

  // As it sounds, as far as the names tell: 沙平坝 is heard as 沙坪坝 is.
  #heard(typed) {
    if (!CHINESE.test(typed)) return typed;
    const sounds = [...typed].map((character) => this.#sounds.get(character));
    return sounds.includes(undefined) ? "" : sounds.join("");
  }
}

function before([rank, row], [otherRank, other]) {
  return rank - otherRank || KINDS.indexOf(row.kind) - KINDS.indexOf(other.kind);
}

function naming(typed, heard, row) {
  if (row.begin.includes(typed)) return EXACT;
  if (row.bare.includes(typed)) return BARE;
  if (row.begin.some((name) => name.startsWith(typed))) return PREFIX;
  if (typed.length < SHORTEST) return NOT;
  if (row.initials.startsWith(typed)) return INITIALS;
  if (row.begin.some((name) => name.includes(typed))) return CONTAINED;
  return heard.length >= LEAST_HEARD && row.sound.startsWith(heard) ? HEARD : NOT;
}

// A fraction of a rank tells which question is more like it.
function asking(typed, { phrases }) {
  if (typed.length < SHORTEST) return NOT;
  const alike = Math.max(...phrases.map((phrase) => likeness(typed, phrase)));
  if (alike < ALIKE) return NOT;
  return alike > 1 ? CONTAINED + (2 - alike) / 2 : HEARD + (1 - alike) / 2;
}

// Without its kind, 沙坪坝, a district is named; a town only may be: 沙坪 begins 沙坪坝 too.
function spelled({ zh, written, en, pinyin, kind }) {
  const chinese = [zh, written].filter(Boolean);
  const stems = chinese.map((name) => name.match(KIND_OF_PLACE)?.[1] ?? name);
  const whole = pinyin.replaceAll(" ", "");
  const stem = pinyin.split(" ").slice(0, [...stems[0]].length).join("");
  const begin = [...chinese, en].map(fold).concat(whole);
  const bare = kind === "town" ? [] : [...stems.map(fold), stem, fold(en.replace(KIND_IN_ENGLISH, ""))];
  return { begin, bare, sound: accent(whole) };
}

function syllables({ zh, pinyin = "" }) {
  const sounds = pinyin.split(" ");
  const characters = [...zh].filter((character) => CHINESE.test(character));
  return characters.length === sounds.length ? characters.map((character, place) => [character, sounds[place]]) : [];
}

// Many here say sh and s, n and l, ing and in alike.
function accent(pinyin) {
  return pinyin.replace(/([zcs])h/g, "$1").replace(/ng/g, "n").replaceAll("l", "n");
}
