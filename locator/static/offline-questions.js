// Which questions a text is like: by the pairs of letters that both hold. Nothing is understood here, so unless the text is
// a known question, word for word, there are only titles to choose from.

import { fold } from "./match.js";

const ALIKE = 0.3; // Dice's coefficient, from 0 to 1: of what is then shown, four times in five it is among it
const MOST = 3;

export class Questions {
  #entries;

  // `entries`: as `bot.takeaway` makes them.
  constructor(entries) {
    this.#entries = entries.map((entry) => {
      const asks = [...entry.asks, ...Object.values(entry.title)].map(fold);
      return { entry, asks, pairs: asks.map(pairsOf) };
    });
  }

  // { exact, like }: the entry that is asked in just these words, or null; and those that are asked in words like them.
  find(text) {
    const folded = fold(text);
    const exact = this.#entries.find(({ asks }) => asks.includes(folded));
    if (exact) return { exact: exact.entry, like: [] };
    const pairs = pairsOf(folded);
    const rated = this.#entries.map((one) => [Math.max(...one.pairs.map((other) => likeness(pairs, other))), one.entry]);
    const like = rated.filter(([rate]) => rate >= ALIKE).sort(([one], [other]) => other - one);
    return { exact: null, like: like.slice(0, MOST).map(([, entry]) => entry) };
  }
}

function pairsOf(text) {
  return new Set(Array.from({ length: Math.max(text.length - 1, 0) }, (_, start) => text.slice(start, start + 2)));
}

function likeness(some, others) {
  let both = 0;
  for (const pair of some) both += others.has(pair);
  return (2 * both) / (some.size + others.size || 1);
}
