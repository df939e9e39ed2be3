// The goods: one line for one medicine, its cells, and what the rules say of it while one types.
import { forgetting, mark, markLine, unmark } from "./faults.js";
import { badge, call, field, find, isSeen, known, later, lines, make, says, show } from "./page.js";

export const input = (line, name) => line.querySelector(`[data-field="${name}"]`);
export const value = (line, name) => input(line, name).value.trim();
export const out = (line, name) => line.querySelector(`[data-out="${name}"]`);
export const all = () => [...lines.children];
export const numberOf = (line) => all().indexOf(line) + 1;

export function fill(line, name, text, isRead = true) {
  input(line, name).value = text;
  if (isRead) input(line, name).dataset.read = "1";
}

// ---- which medicine a line is of ----

const nameOf = (medicine, product) =>
  `${medicine.generic_name} ${medicine.strength}${product && product.brand ? ` ${product.brand}` : ""}`;

export function setMedicine(line, medicine, product) {
  const item = line.goods.item;
  item.medicine = medicine.code;
  delete item.description;
  for (const name of ["specification", "manufacturer", "approval_number"])
    if (product && product[name]) item[name] = product[name];
  identified(line, nameOf(medicine, product), medicine.smallest_unit);
  if (product && product.pack_size) fill(line, "pack", String(product.pack_size));
  else if (known.one_by_one.includes(medicine.smallest_unit)) fill(line, "pack", "1");
}

// What the catalogue does not know: as it is typed, with the unit that it is counted in.
export function setWords(line, words) {
  line.goods.item.description = words;
  identified(line, words, "");
  line.querySelector('[data-for="unit"]').hidden = false;
}

// Its name stands over the line, and its unit beside the counts.
export function identified(line, name, unit) {
  line.goods.isWaiting = false;
  line.classList.remove("waiting");
  out(line, "waiting").hidden = true;
  input(line, "description").value = "";
  line.querySelector('[data-for="unit"]').hidden = true;
  if (value(line, "unit")) for (const name of ["unit", "pack"]) input(line, name).value = ""; // counted as something else
  show(out(line, "fault"), "");
  out(line, "name").textContent = name;
  showUnit(line, unit);
  const remove = line.querySelector(".remove");
  remove.setAttribute("aria-label", `${remove.textContent} ${name}`);
  lines.dispatchEvent(new Event("changed"));
}

// Of what is counted by the box, one box holds one; what was typed stays.
function chooseUnit(line, unit) {
  showUnit(line, unit);
  if (!value(line, "pack") || input(line, "pack").dataset.read === "1") fill(line, "pack", known.one_by_one.includes(unit) ? "1" : "");
}

function showUnit(line, unit) {
  line.goods.unit = unit;
  for (const cell of line.querySelectorAll('.cells [data-out="unit"]')) cell.textContent = unit ? `(${unit})` : "";
}

// ---- making a line ----

let numbered = 0;
export function addLine(item) {
  const line = document.getElementById("line").content.firstElementChild.cloneNode(true);
  line.goods = { boxes: [], item };
  numbered += 1;
  for (const one of line.querySelectorAll("[data-field]")) {
    one.id = `line-${numbered}-${one.dataset.field}`;
    const label = one.parentElement.querySelector(":scope > label");
    if (label) label.htmlFor = one.id;
  }
  line.querySelector(".remove").addEventListener("click", () => { line.remove(); lines.dispatchEvent(new Event("changed")); showUnfit(); find.focus(); });
  const judgeSoon = later(judge, 250);
  line.addEventListener("input", (event) => {
    delete event.target.dataset.read;
    line.querySelector('[data-for="loose"]').hidden = !Number(value(line, "loose"));
    if (event.target.dataset.field === "unit") chooseUnit(line, event.target.value);
    unmark(event.target);
    judgeSoon(line);
  });
  lines.append(line);
  show(document.getElementById("refusal"), "");
  return line;
}

export function enter(line) {
  const first = [...line.querySelectorAll(".cells input, .cells select")].find((one) => isSeen(one) && one.dataset.read !== "1");
  (first || find).focus();
}

// ---- what a line says to the API ----

export const count = (text) => (/^\d+$/.test(text.normalize("NFKC")) ? Number(text.normalize("NFKC")) : 0);

function itemOf(line, quantity) {
  const lot = value(line, "lot_number");
  const expiry = value(line, "expiry");
  const isOff = (name) => input(line, name).checked;
  const item = {
    ...line.goods.item, quantity, lot_number: lot, expiry,
    lot_state: lot ? "read" : isOff("no_lot") ? "not_printed" : "not_read",
    expiry_state: isOff("no_expiry") ? "not_printed" : expiry ? "read" : "not_read",
    findings: [...line.querySelectorAll("[data-finding]:checked")].map((one) => one.dataset.finding),
    for_pharmacist: isOff("for_pharmacist"),
  };
  if (item.medicine) return item;
  const words = line.goods.isWaiting ? { description: value(line, "description") } : {};
  return { ...item, ...words, unit: input(line, "unit").value };
}

// A line is one item of the API, or two: its boxes, and what lies loose beside them.
export function itemsOf(line) {
  const boxed = count(value(line, "boxes")) * count(value(line, "pack"));
  const loose = count(value(line, "loose"));
  const parts = boxed ? [itemOf(line, boxed)] : [];
  if (loose) {
    const codes = boxed ? { trace_codes: [], barcode: "" } : {};
    parts.push({ ...itemOf(line, loose), ...codes, opened: true, container: value(line, "container") });
  }
  return parts;
}

// What is still missing before a line can be registered at all, told at its field.
export function isComplete(line) {
  if (itemsOf(line).length) return true;
  mark(input(line, count(value(line, "boxes")) ? "pack" : "boxes"), says.saysCount);
  return false;
}

// ---- judging ----

const WORST = ["accept", "review", "refuse"];
const SIGNS = { accept: "✓", review: "?", refuse: "✕" };

export async function judge(line) {
  const mine = (line.judged = (line.judged || 0) + 1);
  const parts = itemsOf(line);
  // Before anything is counted one is asked about, so that the verdict is there while one types.
  const asking = (parts.length ? parts : [itemOf(line, 1)]).map((item) => ({
    ...item, campaign: field("/campaign").value,
    description: item.description || (item.medicine ? "" : line.goods.title),
  }));
  const forget = forgetting(line);
  const answers = await Promise.all(asking.map((item) => call("POST", "screenings/", item)));
  if (mine !== line.judged || !line.isConnected) return undefined;
  if (answers.some((answer) => answer.status === 0)) return unjudged(line);
  forget();
  const refused = answers.find((answer) => !answer.ok);
  if (!refused) return judged(line, answers.map((answer) => answer.data.screening));
  const errors = refused.data.errors || [];
  if (errors.some((one) => one.code === "not_for_pharmacist")) {
    input(line, "for_pharmacist").checked = false;
    return judge(line);
  }
  out(line, "verdict").replaceChildren();
  out(line, "reasons").replaceChildren();
  errors.forEach((one) => markLine(line, one.pointer.slice(1), one.message));
  return undefined;
}

// Without an answer nothing is guessed.
function unjudged(line) {
  line.goods.outcome = "unjudged";
  out(line, "verdict").replaceChildren(make("span", { className: "badge wait", textContent: says.saysUnjudged }));
  out(line, "reasons").replaceChildren();
  showUnfit();
}

function judged(line, screenings) {
  const outcome = WORST[Math.max(...screenings.map((one) => WORST.indexOf(one.outcome)))];
  line.goods.outcome = outcome;
  out(line, "verdict").replaceChildren(badge(outcome, SIGNS[outcome]));
  const words = new Set(screenings.flatMap((one) => [...one.reasons, ...one.flags]).map((one) => one.message));
  out(line, "reasons").replaceChildren(...[...words].map((text) => make("li", { textContent: text })));
  line.querySelector('[data-for="scope"]').hidden = !(
    input(line, "for_pharmacist").checked || screenings.some((one) => one.for_pharmacist));
  showUnfit();
}

// As soon as something cannot be taken, or may turn out so, the donor is asked what becomes of it.
export function showUnfit() {
  const refused = all().filter((line) => line.goods.outcome === "refuse");
  document.getElementById("unfit").hidden = !refused.length && !all().some((line) => line.goods.outcome === "unjudged");
  const isAll = refused.length > 0 && refused.length === lines.children.length;
  document.getElementById("register").textContent = isAll ? says.saysRecord : says.saysRegister;
}
