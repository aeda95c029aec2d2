// The worker that takes the page along: once visited, it answers without a network.
// The line before this one is the server's: TAKEN = { edition, files, shells }.

const STORE = "luyu-card-";
const OURS = STORE + TAKEN.edition;
const FIELDS = ["place", "text", "lat", "lon", "service", "open"];
const asked = new Map(); // by page: what a form said that could not be sent. Told to that page once, kept nowhere

self.addEventListener("install", (event) => event.waitUntil(takeAlong()));
self.addEventListener("activate", (event) => event.waitUntil(takeOver()));
self.addEventListener("message", ({ source, ports: [port] }) => {
  port?.postMessage(asked.get(source.id) ?? null);
  asked.delete(source.id);
});
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname, searchParams } = new URL(request.url);
  if (origin !== location.origin) return;
  if (request.mode === "navigate") event.respondWith(visited(event));
  else if (request.method !== "GET") return;
  else if (searchParams.has("v")) event.respondWith(stored(request).then((answer) => answer ?? fetch(request)));
  else if (pathname.startsWith("/static/") || TAKEN.files.includes(pathname)) event.respondWith(fresh(request));
});

// All of it or nothing: a page made of two editions would be worse than none.
async function takeAlong() {
  const cache = await caches.open(OURS);
  const asNew = (url) => new Request(url, { cache: url.includes("?v=") ? "default" : "no-cache" });
  await cache.addAll([...TAKEN.files, ...TAKEN.shells].map(asNew));
  await self.skipWaiting();
}

async function takeOver() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(STORE) && name !== OURS).map((name) => caches.delete(name)));
  await self.clients.claim();
}

// A page, from the network if there is one. No answer to it is kept: it may hold where somebody is.
async function visited({ request, resultingClientId }) {
  const sent = request.method === "POST" ? request.clone() : null;
  try {
    return await fetch(request);
  } catch (why) {
    const shell = await stored(shellFor(new URL(request.url)));
    if (!shell) throw why;
    if (sent) asked.set(resultingClientId, await fields(sent));
    return shell;
  }
}

// The shell whose every parameter stands in the address too, and of these the one with the most.
function shellFor({ searchParams }) {
  const wanted = TAKEN.shells.map((shell) => [...new URL(shell, location.origin).searchParams]);
  const fits = (parts) => parts.every(([name, value]) => searchParams.get(name) === value);
  const best = wanted.filter(fits).reduce((one, other) => (other.length > one.length ? other : one));
  return TAKEN.shells[wanted.indexOf(best)];
}

async function fields(request) {
  try {
    const form = await request.formData();
    return Object.fromEntries(FIELDS.map((name) => [name, String(form.get(name) ?? "")]));
  } catch {
    return null;
  }
}

// A file whose address does not change with its content: what is stored may be old.
async function fresh(request) {
  try {
    return await fetch(request);
  } catch (why) {
    const answer = await stored(request, { ignoreSearch: true });
    if (!answer) throw why;
    return answer;
  }
}

// What was taken along; nothing when the browser stores nothing.
async function stored(request, how) {
  try {
    return await (await caches.open(OURS)).match(request, how);
  } catch {
    return undefined;
  }
}
