// Sending the donation, showing what is wrong with it, and what it became.
import { kind, showKind, showSlip } from "./donor.js";
import { mark, markLine, unmarkAll } from "./faults.js";
import { all, isComplete, itemsOf, out, showUnfit } from "./lines.js";
import { badge, call, field, find, form, isSeen, lines, make, newKey, say, says, show } from "./page.js";

let key = newKey();
const refusal = document.getElementById("refusal");
const saved = document.getElementById("saved");

function body() {
  const sent = { place: says.place, donor: {}, items: [] };
  for (const one of form.querySelectorAll("[name]")) {
    if (one.type === "radio" && !one.checked) continue;
    const given = one.type === "checkbox" ? one.checked : one.value.trim();
    if (given === "") continue;
    const [, first, second] = one.name.split("/");
    if (second) sent[first][second] = given; else sent[first] = given;
  }
  if (kind() === "anonymous") sent.donor = { kind: "anonymous" };
  const owners = [];
  for (const line of all())
    for (const item of itemsOf(line)) { sent.items.push(item); owners.push(line); }
  return { sent, owners };
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  unmarkAll(form);
  show(refusal, "");
  if (!lines.children.length) { say(says.saysNone); find.focus(); return; }
  const wanting = all().filter((line) => !isComplete(line));
  if (wanting.length) { (form.querySelector('[aria-invalid="true"]') || wanting[0].querySelector(".choose")).focus(); return; }
  const { sent, owners } = body();
  const button = document.getElementById("register");
  button.disabled = true;
  const answer = await call("POST", "donations/", sent, key);
  button.disabled = false;
  if (answer.ok) registered(answer.data, owners, sent);
  else refused(answer, owners);
});

// What is said at its field is not said a second time above.
function refused(answer, owners) {
  const errors = answer.data.errors || [];
  const told = new Set();
  const rest = errors.filter(({ pointer, message }) => {
    const [, first, index, name] = pointer.split("/");
    const element = field(pointer);
    if (first === "items" && owners[index]) markLine(owners[index], name, message);
    else if (element && isSeen(element)) mark(element, message);
    else return true;
    told.add(message);
    return false;
  });
  const detail = answer.status === 401 ? says.saysSignedOut : answer.data.detail;
  const words = new Set([detail, ...rest.map((one) => one.message)].filter((one) => !told.has(one)));
  show(refusal, [...words].join(" "));
  (form.querySelector('[aria-invalid="true"]') || refusal).focus();
}

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
  form.reset();
  lines.replaceChildren();
  unmarkAll(form);
  say("");
  show(document.getElementById("counter-warning"), "");
  saved.hidden = true;
  form.hidden = false;
  showKind();
  showSlip();
  showUnfit();
  field("/donor/name").focus();
});
