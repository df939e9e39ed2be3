// Keeps the page for intake without a network, so that it opens wherever the device is. RELEASE, written above, names
// every file of one release with its hash. A browser keeps all of a release or none of it, and the page takes every
// file from the release it was opened with: no two releases are ever mixed. A newer one waits until the page asks for
// it, or until nobody has the page open. Nothing that the API answers is kept here.

const PREFIX = "intake-";
const CACHE = PREFIX + RELEASE.name;
const PAGE = "/intake/offline/";

self.addEventListener("install", (event) => event.waitUntil(keepAll()));

async function keepAll() {
  // Past the browser's own store, and only as this release has it: a server that is being renewed may mix two.
  const fetched = await Promise.all(Object.entries(RELEASE.files).map(async ([address, integrity]) => {
    const answer = await fetch(address, { integrity, cache: "reload", credentials: "omit" });
    if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
    return [address, answer];
  }));
  const cache = await caches.open(CACHE);
  await Promise.all(fetched.map(([address, answer]) => cache.put(address, answer)));
}

self.addEventListener("activate", (event) => event.waitUntil(forgetOthers()));

async function forgetOthers() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(PREFIX) && name !== CACHE).map((name) => caches.delete(name)));
}

self.addEventListener("message", (event) => { if (event.data === "take-over") self.skipWaiting(); });

self.addEventListener("fetch", (event) => {
  const address = new URL(event.request.url);
  if (event.request.method !== "GET" || address.origin !== location.origin) return;
  if (event.request.mode === "navigate") {
    if (address.pathname === PAGE) event.respondWith(kept(shown(address), event.request));
    else if (address.pathname === "/intake/") event.respondWith(orOffline(event.request));
  } else if (RELEASE.files[address.pathname]) event.respondWith(forPage(event, address.pathname));
});

const shown = (address) => (address.searchParams.get("language") === "en" ? `${PAGE}?language=en` : PAGE);

async function kept(address, request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(address)) || fetch(request);
}

// The page with a network takes its files from the network, this one from its release.
async function forPage(event, address) {
  const page = event.clientId && await self.clients.get(event.clientId);
  if (page && new URL(page.url).pathname === PAGE) return kept(address, event.request);
  return fetch(event.request);
}

async function orOffline(request) {
  const instead = () => Response.redirect(PAGE, 302);
  try {
    const answer = await fetch(request);
    return answer.status > 501 ? instead() : answer;
  } catch {
    return instead();
  }
}
