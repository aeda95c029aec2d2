// Whether a door is open, from the days that were taken along. All times are China's.

const MINUTE_MS = 60_000;
const DAY = 1_440; // minutes
const AHEAD_OF_UTC = 480; // minutes
const SOON = 30; // minutes

// { state, next, today }. `days`: by day from the date `made` on, spans [start, end] in minutes, [] when closed, null when
// unknown; or null. `next` is { day, minute } of the next change, if that is known; days are counted from `made`.
export function openingAt(days, made, now) {
  const passed = Math.floor((now - Date.parse(made)) / MINUTE_MS) + AHEAD_OF_UTC;
  const today = Math.floor(passed / DAY);
  return { ...stateAt(days ?? [], today, passed - today * DAY), today };
}

function stateAt(days, today, minute) {
  if (!days[today]) return { state: "unknown" };
  for (const [start, end] of days[today]) {
    if (minute < start) return { state: "closed-opens-later", next: { day: today, minute: start } };
    if (minute < end) return openUntil(days, closing(days, today, end), today * DAY + minute);
  }
  return opensAfter(days, today);
}

function openUntil(days, next, passed) {
  if (!days[next.day]) return { state: "open", next: null };
  const soon = next.day * DAY + next.minute - passed <= SOON;
  return { state: soon ? "closes-soon" : "open", next };
}

// Open until midnight and from midnight on is open all the time.
function closing(days, day, end) {
  if (end < DAY) return { day, minute: end };
  const first = days[day + 1]?.[0];
  if (days[day + 1] && first?.[0] !== 0) return { day: day + 1, minute: 0 };
  return first ? closing(days, day + 1, first[1]) : { day: day + 1, minute: 0 };
}

function opensAfter(days, day) {
  for (let then = day + 1; days[then]; then += 1) {
    if (days[then].length) return { state: "closed-opens-later", next: { day: then, minute: days[then][0][0] } };
  }
  return { state: "closed" };
}
