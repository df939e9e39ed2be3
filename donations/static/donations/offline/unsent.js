// On the page with a network: keeps the other page on the device, and says how much waits there.
import { drafts } from "./store.js";

if (navigator.serviceWorker) navigator.serviceWorker.register("/intake/worker.js", { scope: "/intake/" }).catch(() => {});

const waiting = (await drafts().catch(() => [])).length;
const bar = document.getElementById("unsent-bar");
bar.querySelector("[data-out='count']").textContent = waiting;
bar.hidden = !waiting;
