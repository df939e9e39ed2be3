// Sending what waits: one draft after another in the order in which they were made, each under its own key, so that
// the server does it once however often it is sent. A draft leaves the device only when the server has said 201.
import { cookieToken } from "../intake/page.js";
import { changeDraft, drafts, keep, kept, removeDraft } from "./store.js";
import { compact } from "./receipts.js";

const PATIENCE = 30_000;
const AWAY = { status: 0, data: {} };

// What is no answer of the API (a proxy's page, a hotel's sign-in, a redirect) counts as none.
async function ask(method, route, { csrf, key, body } = {}) {
  const headers = { Accept: "application/json", "Accept-Language": document.documentElement.lang };
  if (csrf) headers["X-CSRFToken"] = csrf;
  if (key) headers["Idempotency-Key"] = key;
  if (body) headers["Content-Type"] = "application/json";
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE);
  try {
    const answer = await fetch("/api/v1/" + route, {
      method, headers, body: body && JSON.stringify(body), redirect: "error", cache: "no-store", signal: stop.signal,
    });
    if (!/json/.test(answer.headers.get("Content-Type") || "")) return AWAY;
    return { status: answer.status, data: await answer.json() };
  } catch {
    return AWAY;
  } finally {
    clearTimeout(timer);
  }
}

// Who is signed in now, and the token of that very sign-in: it is read first, and every sign-in makes a new one, so
// that what is sent with it is refused as soon as somebody else has signed in.
async function signedIn() {
  const csrf = cookieToken();
  const answer = await ask("GET", "intake-kit/");
  return { csrf, answer };
}

const STATES = { 401: "signed-out", 403: "not-allowed" };

// Asks who is signed in and keeps it with what may be chosen. Gives {state, kit, csrf}.
// Makes the device that of whoever is signed in; with `person`, only if that is still who is meant.
export async function refresh(person) {
  const { csrf, answer } = await signedIn();
  if (answer.status !== 200) return { state: STATES[answer.status] || "away" };
  if (person !== undefined && answer.data.person !== person) return { state: "not-allowed" };
  const before = await kept("kit");
  const isSame = before && before.person === answer.data.person;
  await keep("kit", { ...answer.data, place: isSame ? before.place : undefined });
  const list = await kept("medicines");
  if (!list || Date.now() - list.at > 86_400_000) {
    const medicines = await ask("GET", "intake-kit/medicines/");
    if (medicines.status === 200) await keep("medicines", { ...medicines.data, at: Date.now() });
  }
  return { state: "signed-in", kit: answer.data, csrf };
}

// One pass over the drafts of whoever is signed in. `tell(state)` while it goes on; gives the state in which it ended:
// done, away, signed-out, not-allowed, later.
export async function send(tell) {
  if (!navigator.locks) return pass(tell);
  return navigator.locks.request("intake-outbox", { ifAvailable: true }, (lock) => (lock ? pass(tell) : "elsewhere"));
}

async function pass(tell) {
  const { state, kit, csrf } = await refresh();
  if (state !== "signed-in") return state;
  const mine = (await drafts()).filter((draft) => draft.person === kit.person && draft.state === "waiting");
  for (const draft of mine) {
    tell("sending");
    const said = await one(draft, csrf);
    if (said.sent) tell("sent", said.sent);
    if (said.end) return said.end;
  }
  return "done";
}

async function one(draft, csrf) {
  if (!(await changeDraft(draft.number, { tried: true }))) return {};
  const { status, data } = await ask("POST", "donations/", { csrf, key: draft.key, body: draft.body });
  if (status === 201 && data.receipt_code === compact(draft.body.receipt_code)) {
    await removeDraft(draft.number);
    return { sent: { draft, data } };
  }
  if (status === 401) return { end: "signed-out" };
  if (status === 403 && !(await isStill(draft.person, csrf))) return { end: "later" };
  if (status === 500) return {}; // this one waits, those after it need not
  if (status === 0 || status > 500) return { end: "away" };
  if (status < 400 || status === 429 || data.code === "idempotency_in_progress") return { end: "later" };
  const reason = { detail: data.detail, errors: data.errors || [] };
  await changeDraft(draft.number, { state: "refused", reason });
  return {};
}

// Whether a refusal was meant for this person, and not for a sign-in that has ended meanwhile.
async function isStill(person, csrf) {
  const now = await signedIn();
  return now.answer.status === 200 && now.answer.data.person === person && now.csrf === csrf;
}

// What was refused of a donation is left for disposal; by the same person alone, and under a key of its own.
export async function leave(donation, { person, key }) {
  const { csrf, answer } = await signedIn();
  if (answer.status !== 200 || answer.data.person !== person) return AWAY;
  return ask("POST", `donations/${donation}/leave/`, { csrf, key });
}
