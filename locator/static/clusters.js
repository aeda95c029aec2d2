// Many points as few: what lies in one cell of a net over the world is one group. Nothing here knows of Leaflet.

// The world is a square from 0 to 1, as web maps flatten it.
export function flat([lat, lon]) {
  const sine = Math.sin((lat * Math.PI) / 180);
  return [lon / 360 + 0.5, 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)];
}

// The groups in view, { x, y, members, west, north, east, south }: the middle of its members, which are rows of the
// points, and how far they reach.
// `points`: { xs, ys }; `view`: { west, north, east, south }; `cell` and `apart`, the least distance of two groups, are
// lengths. The net stands still while the view moves, so that groups do too.
export function groupsIn(points, view, cell, apart) {
  const groups = [...cellsIn(points, view, cell).values()].map((members) => groupOf(points, members));
  return merged(points, groups, apart).filter(({ x, y }) => holds(view, x, y)).sort((a, b) => a.y - b.y || a.x - b.x);
}

function cellsIn({ xs, ys }, view, cell) {
  const whole = widened(view, cell);
  const cells = new Map();
  for (let row = 0; row < xs.length; row++) {
    const [x, y] = [xs[row], ys[row]];
    if (!holds(whole, x, y)) continue;
    const name = Math.floor(x / cell) * 2 ** 26 + Math.floor(y / cell); // one number is a quicker key than a text
    const members = cells.get(name);
    if (members) members.push(row);
    else cells.set(name, [row]);
  }
  return cells;
}

// To the edges of its outermost cells: half a cell would be another group.
function widened({ west, north, east, south }, cell) {
  const [down, up] = [(side) => Math.floor(side / cell) * cell, (side) => Math.ceil(side / cell) * cell];
  return { west: down(west), north: down(north), east: up(east), south: up(south) };
}

function holds({ west, north, east, south }, x, y) {
  return x >= west && x <= east && y >= north && y <= south;
}

function groupOf({ xs, ys }, members) {
  let [x, y, west, north, east, south] = [0, 0, 1, 1, 0, 0];
  for (const row of members) {
    x += xs[row];
    y += ys[row];
    west = Math.min(west, xs[row]);
    east = Math.max(east, xs[row]);
    north = Math.min(north, ys[row]);
    south = Math.max(south, ys[row]);
  }
  return { x: x / members.length, y: y / members.length, members, west, north, east, south };
}

// Two groups at the edge of their cells may cover each other: then the larger takes the smaller in.
function merged(points, groups, apart) {
  const kept = [];
  for (const group of groups.sort((a, b) => b.members.length - a.members.length || a.members[0] - b.members[0])) {
    const at = kept.findIndex((other) => Math.hypot(other.x - group.x, other.y - group.y) < apart);
    if (at < 0) kept.push(group);
    else kept[at] = groupOf(points, kept[at].members.concat(group.members));
  }
  return kept;
}
