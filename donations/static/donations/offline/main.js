// Intake without a network. The form is the counter's own; here the device answers it, what it says goes into an
// outbox, and the outbox is sent whenever the server answers.
import { answerFrom, form, says } from "../intake/page.js";
import "../intake/finder.js";
import "../intake/moving.js";
import { answering } from "./device.js";
import { begin, isIdle, mend, onKeep } from "./keeping.js";
import { kit, showKit } from "./kit.js";
import { own, showList, showSent, showState } from "./listing.js";
import { refresh, send } from "./sending.js";
import { keepPage } from "./release.js";
import { kept } from "./store.js";

const SOON = 2_000;
const LATE = 60_000;
let wait = SOON;
let timer;

answerFrom(answering(says));
showKit();
if (kit) begin();

function take(draft) {
  if (isIdle() || form.hidden) mend(draft);
  else document.getElementById("register").focus();
}

function tell(state, sent) {
  if (state === "sending") return showState("sending");
  showSent(sent);
  return showList(take);
}

// One delivery at a time; what asks meanwhile gets another one after it.
let running = false;
let asked = false;
async function deliver() {
  asked = running;
  if (running) return;
  running = true;
  await pass().finally(() => { running = false; });
  if (asked) deliver();
}

async function pass() {
  clearTimeout(timer);
  const has = kit && (await own()).length > 0;
  const ended = has ? await send(tell) : (await refresh()).state;
  if (await isAnothers()) return;
  showState(ended === "done" || ended === "signed-in" ? "ready" : ended);
  await showList(take);
  wait = ended === "away" ? Math.min(wait * 2, LATE) : SOON;
  if (["away", "later", "elsewhere"].includes(ended)) timer = setTimeout(deliver, wait);
}

// Somebody else has signed in, or the device is ready for the first time: the page begins anew as theirs. What stands
// in the form is still the first one's, and is kept as such.
async function isAnothers() {
  const now = await kept("kit");
  if (!now || (kit && kit.person === now.person)) return false;
  if (kit && !isIdle()) { showState("other"); return true; }
  location.reload();
  return true;
}

onKeep(() => { showList(take); deliver(); });
document.getElementById("send").addEventListener("click", deliver);
window.addEventListener("online", deliver);
document.addEventListener("visibilitychange", () => { if (!document.hidden) deliver(); });
document.getElementById("next-donor").addEventListener("click", async () => { await isAnothers(); });
keepPage(() => isIdle() && !running);
if (navigator.storage && navigator.storage.persist) navigator.storage.persist();
showList(take);
deliver();
