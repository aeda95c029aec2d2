// What this tab remembers, and no longer than it is open. With storage off it forgets, and all else works.

const PREFIX = "luyu-card-";
const kept = new Map();

export function recall(name) {
  try {
    return JSON.parse(sessionStorage.getItem(PREFIX + name)) ?? kept.get(name) ?? null;
  } catch {
    return kept.get(name) ?? null;
  }
}

export function remember(name, value) {
  kept.set(name, value);
  try {
    sessionStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // Full, or not allowed.
  }
}
