// Which place a text names, among those that were taken along. Never a guess: what only holds a name, or begins one, is
// offered as a choice.

import { fold } from "./match.js";

const MOST = 8;
const MOST_WORDS = 6; // of a name
const SHORTEST = { han: 2, latin: 4 }; // letters, of a name that was only begun
const SIZES = ["city", "district", "town", "outlet"];
const KIND = /(?:土家族|苗族|彝族)*(?:自治县|新区|高新区|区|县|市|街道|镇|乡)$/;
const KIND_IN_ENGLISH = / (?:autonomous county|new area|high-tech zone|district|county|subdistrict|township|town)$/i;
const HAN = /\p{Script=Han}/u;
const EARTH_KM = 6_371;
const DEGREE = Math.PI / 180;

export class Places {
  #rows;
  #city; // of each district
  #called = new Map(); // by folded name

  // `rows`: as `locator.suggest` makes them.
  constructor(rows) {
    this.#rows = rows.map((row) => ({ ...row, names: namesOf(row) }));
    this.#city = new Map(rows.filter(({ kind }) => kind === "district").map((row) => [row.now ?? row.zh, row.of]));
    for (const row of this.#rows) {
      for (const name of row.names) this.#called.set(name, [...(this.#called.get(name) ?? []), row]);
    }
  }

  // { places, exact, alone }: exact when the text is a name (then it stands alone), or has a district as one of its words.
  find(text) {
    const folded = fold(text);
    const alone = largest(this.#read(folded));
    if (alone.length) return { places: alone.slice(0, MOST), exact: true, alone: true };
    const words = largest(this.#wordsOf(text));
    if (words.length) return { places: words.slice(0, MOST), exact: words.every(isLarge), alone: false };
    const held = largest(this.#rows.filter((row) => row.names.some((name) => isTelling(name, row) && folded.includes(name))));
    return { places: (held.length ? held : this.#begunBy(folded)).slice(0, MOST), exact: false, alone: false };
  }

  districtsOf(city) {
    return this.#rows.filter((row) => row.kind === "district" && !row.now && row.of === city.zh);
  }

  // A name, or a larger place and a name in it: 泸州江阳区.
  #read(folded, fits = () => true) {
    const rows = (this.#called.get(folded) ?? []).filter(fits);
    if (rows.length) return rows;
    for (let cut = folded.length - 1; cut > 1; cut -= 1) {
      const around = (this.#called.get(folded.slice(0, cut)) ?? []).filter((row) => isLarge(row) && fits(row));
      const inside = around.flatMap((area) => this.#read(folded.slice(cut), (row) => this.#holds(area, row)));
      if (inside.length) return inside;
    }
    return [];
  }

  #holds(area, { kind, of }) {
    const name = area.now ?? area.zh;
    return kind !== "city" && (of === name || (area.kind === "city" && this.#city.get(of) === name));
  }

  // Words of the text, one or several in a row, that are a name: "sha ping ba".
  #wordsOf(text) {
    const words = text.split(/[\s\p{P}]+/u).filter(Boolean);
    const runs = words.flatMap((_, start) => (
      Array.from({ length: MOST_WORDS }, (__, more) => words.slice(start, start + more + 1).join(""))
    ));
    return [...new Set(runs)].flatMap((run) => this.#read(fold(run)));
  }

  #begunBy(folded) {
    if (folded.length < (HAN.test(folded) ? SHORTEST.han : SHORTEST.latin)) return [];
    const begun = this.#rows.filter(({ names }) => names.some((name) => name.startsWith(folded)));
    return distinct(begun.sort((one, other) => size(one) - size(other)));
  }
}

export function districtOf(place) {
  if (place.kind === "city") return "";
  return place.kind === "district" ? place.now ?? place.zh : place.of;
}

// As the crow flies.
export function kilometres(from, to) {
  const [lat, other] = [from.lat * DEGREE, to.lat * DEGREE];
  const across = Math.sin((other - lat) / 2) ** 2
    + Math.cos(lat) * Math.cos(other) * Math.sin(((to.lon - from.lon) * DEGREE) / 2) ** 2;
  return 2 * EARTH_KM * Math.asin(Math.sqrt(across));
}

// As it is written, with and without its 区 or 镇, and how each sounds. Towns are too many to be told by initials.
function namesOf({ zh, en, pinyin, initials, kind }) {
  const stem = zh.replace(KIND, "");
  const bare = stem.length > 1 ? stem : zh;
  const sounds = pinyin.split(" ");
  const names = [zh, bare, sounds.join(""), sounds.slice(0, bare.length).join(""), en, en.replace(KIND_IN_ENGLISH, "")];
  if (isLarge({ kind })) names.push(initials, initials.slice(0, bare.length));
  return [...new Set(names.map(fold))].filter((name) => name.length > 1);
}

// 太平洋 holds the town 太平 by accident; a district, or a town with its 镇, is meant.
function isTelling(name, { kind, zh }) {
  return HAN.test(name) && (kind !== "town" || (name === zh && name.length > 2));
}

function isLarge({ kind }) {
  return kind === "city" || kind === "district";
}

function size({ kind }) {
  return SIZES.indexOf(kind);
}

// The largest of those that a text names, each once. A city that only says where the others are is none of them.
function largest(rows) {
  const told = rows.some(({ kind }) => kind !== "city") ? rows.filter(({ kind }) => kind !== "city") : rows;
  const least = Math.min(...told.map(size));
  return distinct(told.filter((row) => size(row) === least));
}

function distinct(rows) {
  return [...new Map(rows.map((row) => [row.id ?? `${row.now ?? row.zh} ${row.of}`, row])).values()];
}
