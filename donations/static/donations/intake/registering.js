// Sending the donation, and what it became.
import { body, clear, isFilled, showFaults } from "./filled.js";
import { out } from "./lines.js";
import { newReceiptCode } from "../offline/receipts.js";
import { putDraft } from "../offline/store.js";
import { typed } from "../offline/typed.js";
import { badge, call, form, make, newKey, says, show } from "./page.js";

let key = newKey();
let code = newReceiptCode();
const saved = document.getElementById("saved");
const keepButton = document.getElementById("keep");

// The receipt's code is made here or stands on the slip, so that sending again, now or later, sends the same.
function donation() {
  const { sent, owners } = body();
  return { sent: { ...sent, receipt_code: sent.receipt_code || code }, owners };
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  keepButton.hidden = true;
  if (!isFilled()) return;
  const { sent, owners } = donation();
  const button = document.getElementById("register");
  button.disabled = true;
  const answer = await call("POST", "donations/", sent, key);
  button.disabled = false;
  if (answer.ok) return registered(answer.data, owners, sent);
  keepButton.hidden = answer.status !== 0 && answer.status !== 401;
  return showFaults(answer.status === 401 ? { ...answer.data, detail: says.saysSignedOut } : answer.data, owners);
});

// Under the same key, for the server may have registered it and only its answer was lost.
keepButton.addEventListener("click", async () => {
  if (!isFilled()) return;
  const { sent } = donation();
  const draft = {
    key, person: Number(says.person), place: sent.place, made_at: new Date().toISOString(), body: sent, typed: typed(),
    state: "waiting", tried: true,
  };
  try {
    await putDraft(draft);
    location.assign("/intake/offline/");
  } catch {
    showFaults({ detail: says.saysNotKept }, []);
  }
});

// ---- what it became ----

const part = (name) => saved.querySelector(`[data-out="${name}"]`);

function registered(data, owners, sent) {
  const refusedItems = data.items.filter((item) => item.screening.outcome === "refuse");
  const extent = !refusedItems.length ? "whole" : refusedItems.length < data.items.length ? "partly" : "nothing";
  for (const heading of saved.querySelectorAll("[data-extent]")) heading.hidden = heading.dataset.extent !== extent;
  part("code").textContent = data.receipt_code.replace(/-/g, "").replace(/(.{4})(?=.)/g, "$1-");
  part("lines").replaceChildren(...data.items.map((item, index) => {
    const { outcome, reasons } = item.screening;
    const words = [...new Set(reasons.map((one) => one.message))].join("；");
    return make("li", {}, `${out(owners[index], "name").textContent} `, badge(outcome), ` ${words}`);
  }));
  show(part("warnings"), data.warnings.map((one) => `⚠ ${one.message}`).join(" "));
  for (const link of saved.querySelectorAll("[data-receipt]"))
    link.href = `/api/v1/donations/${data.id}/receipt.pdf?size=${link.dataset.receipt}`;
  part("unfit").hidden = !refusedItems.length;
  showFate(data.id, sent.unfit === "destroy");
  saved.hidden = false;
  form.hidden = true;
  document.getElementById("next-donor").focus();
  saved.scrollIntoView({ block: "start" });
}

// What was refused is recorded as handed back, until the donor leaves it after all.
function showFate(donation, isLeft) {
  part("handed-back").hidden = isLeft;
  part("left").hidden = !isLeft;
  const leave = document.getElementById("leave");
  leave.hidden = isLeft;
  part("give-back").href = `/donor-returns/new/?donation=${donation}&place=${encodeURIComponent(says.place)}`;
  const once = newKey();
  leave.onclick = async () => {
    leave.disabled = true;
    const answer = await call("POST", `donations/${donation}/leave/`, null, once);
    leave.disabled = false;
    show(part("unfit-fault"), answer.ok ? "" : answer.data.detail);
    if (answer.ok) { showFate(donation, true); document.getElementById("next-donor").focus(); }
  };
}

document.getElementById("next-donor").addEventListener("click", () => {
  key = newKey();
  code = newReceiptCode();
  saved.hidden = true;
  form.hidden = false;
  clear();
});
