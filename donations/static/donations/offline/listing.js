// What waits on this device, always counted; to be sent, mended, thrown away one by one, taken along as a file, wiped.
import { badge, make, says, show } from "../intake/page.js";
import { kit } from "./kit.js";
import { leave } from "./sending.js";
import { drafts, removeDraft, wipe } from "./store.js";

const part = (name) => document.getElementById(name);
let state = "";

export const own = async () => (await drafts()).filter((draft) => kit && draft.person === kit.person);

export async function showList(mend) {
  const every = await drafts();
  const mine = every.filter((draft) => kit && draft.person === kit.person);
  part("unsent").textContent = every.length;
  part("unsent-bar").classList.toggle("none", !every.length);
  show(part("others"), every.length > mine.length ? says.saysOthers.replace("0", every.length - mine.length) : "");
  const isHidden = state === "signed-out" || state === "not-allowed";
  const held = isHidden ? [] : mine;
  part("drafts").replaceChildren(...held.map((draft) => row(draft, mend)));
  for (const name of ["none", "export", "wipe"]) part(name).hidden = name === "none" ? every.length > 0 : !held.length;
  part("send").hidden = !mine.length || isHidden;
}

function row(draft, mend) {
  const { donor, items, receipt_code: code } = draft.body;
  const isRefused = draft.state === "refused";
  const state = make("span", { className: `badge ${isRefused ? "bad" : "wait"}`, textContent: isRefused ? says.saysRefused : says.saysWaiting });
  const line = make("li", { className: "draft" });
  const about = [donor.name || says.saysAnonymous, `${says.saysItems} ${items.length}`, new Date(draft.made_at).toLocaleString()];
  line.append(make("div", {}, make("strong", { textContent: `${says.saysNumber} ${draft.number}` }), " ", state, " ", make("span", { className: "code", textContent: code })));
  line.append(make("p", { className: "note", textContent: about.join(" · ") }));
  if (isRefused) line.append(make("p", { className: "fault", textContent: reasonOf(draft) }), buttons(draft, mend));
  return line;
}

const reasonOf = ({ reason }) => [...new Set([reason.detail, ...reason.errors.map((one) => one.message)])].filter(Boolean).join(" ");

function buttons(draft, mend) {
  const again = make("button", { type: "button", className: "second", textContent: says.saysMend });
  again.addEventListener("click", () => mend(draft));
  const away = make("button", { type: "button", className: "plain", textContent: says.saysDiscard });
  away.addEventListener("click", async () => {
    if (away.dataset.sure) { await removeDraft(draft.number); showList(mend); return; }
    away.dataset.sure = "1";
    away.textContent = says.saysDiscardSure;
  });
  for (const one of [again, away]) one.setAttribute("aria-label", `${one.textContent} ${says.saysNumber} ${draft.number}`);
  return make("p", { className: "actions" }, again, away);
}

// ---- how sending goes ----

export function showState(now) {
  state = now;
  for (const one of document.querySelectorAll("[data-state]")) one.hidden = one.dataset.state !== now;
}

// What became of a draft: said on the page alone, and not kept.
export function showSent({ draft, data }) {
  const outcomes = data.items.map((item) => item.screening.outcome);
  const worst = ["refuse", "review", "accept"].find((one) => outcomes.includes(one));
  const link = make("a", { href: `/donations/${data.id}/`, textContent: draft.body.receipt_code, className: "code" });
  const words = new Set(data.items.flatMap((item) => item.screening.reasons).map((one) => one.message));
  const line = make("li", {}, `${says.saysNumber} ${draft.number} `, badge(worst), " ", link, ` ${[...words].join("；")}`);
  if (worst === "refuse") line.append(fateOf(draft, data.id));
  part("sent").prepend(line);
  part("sent-head").hidden = false;
}

// What was refused is recorded as handed back, until the donor leaves it after all.
function fateOf(draft, donation) {
  if (draft.body.unfit === "destroy") return make("p", { className: "warn", textContent: says.saysToBin });
  const button = make("button", { type: "button", className: "second", textContent: says.saysLeaves });
  const fate = make("div", {}, make("p", { className: "warn", textContent: says.saysHandBack }), button);
  button.addEventListener("click", async () => {
    button.disabled = true;
    const { status, data } = await leave(donation, draft);
    button.disabled = false;
    fate.firstChild.textContent = status === 200 || status === 201 ? says.saysToBin : data.detail || says.saysOffline;
    button.hidden = status === 200 || status === 201;
  });
  return fate;
}

// ---- taking along, wiping ----

part("export").addEventListener("click", async () => {
  const rows = (await own()).map(({ number, key, person, place, made_at, body, reason }) => ({ number, key, person, place, made_at, body, reason }));
  const link = make("a", { download: `intake-unsent-${new Date().toISOString().slice(0, 10)}.json` });
  link.href = URL.createObjectURL(new Blob([JSON.stringify(rows, null, 1)], { type: "application/json" }));
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
});

part("wipe-now").addEventListener("click", async () => {
  if (!part("wipe-sure").checked) { part("wipe-sure").focus(); return; }
  await wipe(kit.person);
  location.reload();
});
