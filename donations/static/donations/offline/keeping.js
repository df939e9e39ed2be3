// From the form into the outbox, and from there back into the form what the server refused.
import { mark } from "../intake/faults.js";
import { body, clear, isFilled, showFaults } from "../intake/filled.js";
import { all, input, showUnfit, value } from "../intake/lines.js";
import { field, form, lines, newKey, says } from "../intake/page.js";
import { kind, showKind, showSlip } from "../intake/donor.js";
import { kit, prepare, standAt } from "./kit.js";
import { grouped, compact, isReceiptCode, newReceiptCode } from "./receipts.js";
import { putDraft } from "./store.js";
import { typeAgain, typed } from "./typed.js";

const saved = document.getElementById("saved");
const place = document.getElementById("place");
let code = "";
let mended = null; // the draft that stands in the form again

const codeUsed = () => field("/receipt_code").value.trim() || code;
function showCode() {
  for (const one of document.querySelectorAll("[data-out='receipt-code']")) one.textContent = codeUsed();
}

export const isIdle = () => !form.hidden && !lines.children.length && !field("/donor/name").value && !mended;

export function begin() {
  mended = null;
  code = newReceiptCode();
  saved.hidden = true;
  form.hidden = false;
  clear();
  prepare();
  standAt(kit.place);
  showCode();
}

// What the donor alone can tell must not be found missing once the donor has left.
function isWhole() {
  const missing = [];
  const need = (element, words = says.saysNeeded) => { if (!element.value.trim()) missing.push([element, words]); };
  need(place);
  need(field("/campaign"));
  need(field("/received_on"));
  if (kind() !== "anonymous") need(field("/donor/name"));
  if (!field("/source_confirmed").checked) missing.push([field("/source_confirmed"), says.saysSource]);
  for (const line of all()) {
    if (!line.goods.item.medicine) need(input(line, "unit"));
    if (Number(value(line, "loose"))) need(input(line, "container"));
  }
  if (!form.querySelector('[name="/unfit"]:checked')) missing.push([field("/unfit"), says.saysUnfit]);
  if (field("/receipt_code").value.trim() && !isReceiptCode(codeUsed())) missing.push([field("/receipt_code"), says.saysMistyped]);
  missing.forEach(([element, words]) => mark(element, words));
  if (missing.length) missing[0][0].focus();
  return !missing.length;
}

// `after()` is called once a draft is written down.
export function onKeep(after) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!isFilled() || !isWhole()) return;
    const button = document.getElementById("register");
    button.disabled = true;
    try {
      const draft = drafted();
      const number = await putDraft(draft);
      keptAs(number, draft);
      after();
    } catch (error) {
      showFaults({ detail: `${says.saysNotKept} ${error && error.name ? error.name : ""}`.trim() }, []);
    } finally {
      button.disabled = false;
    }
  });
  document.getElementById("next-donor").addEventListener("click", begin);
}

function drafted() {
  const sent = { ...body().sent, receipt_code: grouped(compact(codeUsed())) };
  const draft = {
    key: mended ? mended.key : newKey(), person: kit.person, place: sent.place, made_at: new Date().toISOString(),
    body: sent, typed: typed(), state: "waiting", tried: false,
  };
  return mended ? { ...draft, number: mended.number } : draft;
}

function keptAs(number, draft) {
  saved.querySelector("[data-out='number']").textContent = number;
  mended = null;
  form.hidden = true;
  saved.hidden = false;
  showCode();
  saved.querySelector("[data-out='donor']").textContent = draft.body.donor.name || "";
  document.getElementById("next-donor").focus();
}

// The draft as it was typed, with the server's reasons at their fields. Its key and its code stay its own.
export function mend(draft) {
  begin();
  mended = draft;
  code = draft.body.receipt_code;
  if (draft.typed) typeAgain(draft.typed);
  standAt(draft.place);
  showKind();
  showSlip();
  showUnfit();
  showCode();
  showFaults(draft.reason || {}, body().owners);
}

field("/receipt_code").addEventListener("input", showCode);
document.getElementById("slip").addEventListener("click", showCode);
new MutationObserver(showCode).observe(document.getElementById("slip"), { attributes: true });
window.addEventListener("beforeunload", (event) => { if (kit && saved.hidden && !isIdle()) event.preventDefault(); });
