// Keeps this page on the device, and takes a newer release when nothing stands in the form and nothing is asked of the
// server: in Chromium a request that meets the old worker in the instant of its going is never answered, and the new
// worker then waits for it, for minutes.

const SOON = 2_000;

export async function keepPage(isQuiet) {
  if (!navigator.serviceWorker) return; // an address without HTTPS, or an old browser
  let isStale = false;
  navigator.serviceWorker.addEventListener("controllerchange", () => { isStale = true; reload(); });
  const reload = () => { if (isStale && isQuiet()) location.reload(); };
  const registration = await navigator.serviceWorker.register("/intake/worker.js", { scope: "/intake/" }).catch(() => null);
  if (!registration) return; // without a network; the one that is there goes on
  const take = () => {
    reload();
    if (registration.waiting && navigator.serviceWorker.controller && isQuiet()) registration.waiting.postMessage("take-over");
  };
  setInterval(take, SOON);
}
