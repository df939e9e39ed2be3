// What every part of the counter's page shares: its elements, the words it says, and speaking with the API.

export const form = document.getElementById("intake");
export const known = JSON.parse(document.getElementById("known").textContent);
export const lines = document.getElementById("lines");
export const find = document.getElementById("find");
export const says = form.dataset;

export const field = (name) => form.querySelector(`[name="${name}"]`);
export const isSeen = (element) => element.offsetParent !== null && !element.disabled;

export function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID(); // only where the page came over HTTPS
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

// Who answers: the server, or the device itself on the page that works without a network.
let answers = fromServer;
export function answerFrom(device) { answers = device; }
export const call = (...asked) => answers(...asked);

async function fromServer(method, route, body, idempotencyKey) {
  const answer = await asked(method, route, body, idempotencyKey);
  return answer.status === 403 && method === "POST" && (await renewToken()) ? asked(method, route, body, idempotencyKey) : answer;
}

async function asked(method, route, body, idempotencyKey) {
  const headers = { Accept: "application/json", "X-CSRFToken": says.token };
  if (idempotencyKey) headers["Idempotency-Key"] = idempotencyKey;
  const isForm = body instanceof FormData;
  if (body && !isForm) headers["Content-Type"] = "application/json";
  try {
    const answer = await fetch("/api/v1/" + route, {
      method, headers, body: isForm || !body ? body : JSON.stringify(body),
    });
    return { ok: answer.ok, status: answer.status, data: await answer.json() };
  } catch {
    return { ok: false, status: 0, data: { detail: says.saysOffline, errors: [] } };
  }
}

// The token of the sign-in that the browser has now: each sign-in makes a new one.
export const cookieToken = () => (document.cookie.match(/(?:^|; )(?:csrftoken|__Host-csrf)=([^;]+)/) || ["", ""])[1];

// Who signed in again in another tab goes on here; whoever else signed in there sends nothing of this page. The token
// is read before it is asked whose it is: should somebody sign in between the two, it is worth nothing.
async function renewToken() {
  const token = cookieToken();
  const kit = token && token !== says.token ? await asked("GET", "intake-kit/") : { ok: false };
  if (!kit.ok || String(kit.data.person) !== says.person) return false;
  says.token = token;
  return true;
}

// The medicines that typed words may mean.
export async function medicines(words) {
  const answer = await call("GET", "medicines/?page_size=8&q=" + encodeURIComponent(words));
  return answer.ok ? answer.data.results : [];
}

export function later(work, wait) {
  let timer;
  return (...given) => { clearTimeout(timer); timer = setTimeout(() => work(...given), wait); };
}

export function show(element, text) {
  element.textContent = text || "";
  element.hidden = !text;
}

// What is said under the search, about the last thing that was scanned or typed.
export const say = (text) => show(document.getElementById("find-says"), text);

export function make(tag, properties, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

export const badge = (outcome, sign = "") =>
  make("span", { className: `badge ${known.tones[outcome]}`, textContent: `${sign} ${known.outcomes[outcome]}`.trim() });
