// Keeps this page on the device, and takes a newer release when nothing stands in the form.

const SOON = 2_000;

export async function keepPage(isIdle) {
  if (!navigator.serviceWorker) return; // an address without HTTPS, or an old browser
  let isStale = false;
  navigator.serviceWorker.addEventListener("controllerchange", () => { isStale = true; reload(); });
  const reload = () => { if (isStale && isIdle()) location.reload(); };
  const registration = await navigator.serviceWorker.register("/intake/worker.js", { scope: "/intake/" }).catch(() => null);
  if (!registration) return; // without a network; the one that is there goes on
  const take = () => {
    reload();
    if (registration.waiting && navigator.serviceWorker.controller && isIdle()) registration.waiting.postMessage("take-over");
  };
  registration.addEventListener("updatefound", () => registration.installing.addEventListener("statechange", take));
  document.getElementById("next-donor").addEventListener("click", () => setTimeout(take));
  take();
  setInterval(take, SOON); // the form may have been in use, or still been coming up, just then
}
