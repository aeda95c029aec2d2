// Where a map draws a position. Tiles may be in another datum than ours; only the server knows the datums, and tells how
// far each point of a net is moved. Between them it is read off.

import { fetchedJson } from "./fetched.js";

const UNIT = 1e-5; // degrees
let net = null;

// Without a URL nothing is moved. Rejects when the net cannot be had: better no map than markers in the wrong street.
export async function readShift(url) {
  net = url ? await fetchedJson(url) : null;
}

// [latitude, longitude] on the map of a position.
export function drawn({ lat, lon }) {
  const place = [Number(lat), Number(lon)];
  return net ? moved(net, ...place) : place;
}

function moved({ south, west, step, rows, columns, north, east }, lat, lon) {
  const [up, right] = [within((lat - south) / step, rows), within((lon - west) / step, columns)];
  const [row, column] = [Math.floor(up), Math.floor(right)];
  const read = (values) => {
    const at = row * columns + column;
    const below = between(values[at], values[at + 1], right - column);
    const above = between(values[at + columns], values[at + columns + 1], right - column);
    return between(below, above, up - row) * UNIT;
  };
  return [lat + read(north), lon + read(east)];
}

function within(steps, count) {
  return Math.min(Math.max(steps, 0), count - 1 - 1e-9);
}

function between(one, other, share) {
  return one + (other - one) * share;
}
