// Codes: as a scanner types them, or in a photo. The API reads them; what it read goes into a line or binds a slip.
import { bindSlip } from "./donor.js";
import { addLine, all, enter, fill, input, judge, out, setMedicine, value } from "./lines.js";
import { call, find, known, make, say, says, show } from "./page.js";
import { addWaiting, showRead } from "./waiting.js";

// What no name looks like: a GS1 string, a number as long as a code's, an approval number.
const CODE = /^(\]|\(01\)|01\d{14})|[\u001d]|^\d{8,}$|^\d{7}[\dA-Za-z]{13}$|准字/;
// A slip's code in its groups, or 17 letters and digits in a row, of which pinyin has none.
const SLIP = /^(?=.*\d)[\dA-TV-Z]{17}$/i;
const GROUPS = /^[\dA-Z]{4}(-[\dA-Z]{4}){3}-[\dA-Z]$/i;
const plain = (text) => text.normalize("NFKC").replace(/\s/g, "");

export const isSlip = (text) => GROUPS.test(plain(text)) || SLIP.test(plain(text));
export const isCode = (text) => CODE.test(text.replace(/\s/g, "")) || isSlip(text);

let scans = Promise.resolve(); // codes are looked up in the order in which they were scanned
export function scanText(words) {
  scans = scans.then(() => scan({ scan: words }));
}

async function scan(body) {
  const answer = await call("POST", "barcodes/", body);
  if (!answer.ok) return say((answer.data.errors[0] || {}).message || answer.data.detail);
  const codes = answer.data.codes || [answer.data];
  codes.forEach((code) => adopt(code, body.scan));
  if (answer.data.codes) say(answer.data.messages.map((one) => one.message).join(" "));
  return undefined;
}

// Each remark once, however many fields it is about; that a code is well formed is no warning.
const saidOf = (code) => [...code.warnings, ...code.messages, ...code.ambiguous];
const once = (said) => [...new Set(said.map((one) => one.message))].join(" ");
const remarks = (code) => once(saidOf(code));

// What a code says that only this kind of code says of one box, or of its product.
function saidBy(code, typed) {
  const item = { barcode: code.trace_code ? "" : (typed || code.text) };
  if (code.trace_code) item.trace_codes = [code.trace_code];
  if (code.approval_number) item.approval_number = code.approval_number;
  return item;
}

const NOTHING = ["kind", "text", "format_ok"];
const isEmpty = (code) => code.kind === "unknown" || !Object.keys(code).some((name) => !NOTHING.includes(name) && code[name] && code[name].length !== 0);

function adopt(code, typed) {
  if (code.kind === "receipt_code") return slip(code);
  if (isEmpty(code)) return say(remarks(code));
  const own = code.box || code.trace_code;
  if (own && all().some((line) => line.goods.boxes.includes(own))) return say(says.saysSame);
  const alike = all().find((line) => own && isSameProduct(line, code) && value(line, "lot_number") === lotOf(code)
    && value(line, "expiry") === expiryOf(code));
  if (alike) return another(alike, code, own);
  const line = lineFor(code, typed);
  readInto(line, code, own);
  if (!value(line, "boxes")) fill(line, "boxes", "1", false);
  say("");
  judge(line);
  // Who scans box after box goes on scanning; what nobody knows waits in its line.
  return line.goods.isWaiting ? find.focus() : enter(line);
}

function isSameProduct({ goods }, code) {
  if (goods.item.medicine) return Boolean(code.medicine) && goods.item.medicine === code.medicine.code;
  return Boolean(goods.isWaiting && code.gtin) && goods.gtin === code.gtin;
}

function lineFor(code, typed) {
  const item = saidBy(code, typed);
  if (!code.medicine) return unknownLine(`${says.saysUnknown} ${code.text}`, item, code.gtin);
  const line = addLine(item);
  setMedicine(line, code.medicine, code.products.length === 1 ? code.products[0] : undefined);
  return line;
}

export function unknownLine(title, item, gtin) {
  const line = addWaiting(title, item, { isCode, scanText });
  line.goods.gtin = gtin;
  return line;
}

const lotOf = (code) => (code.ambiguous.some((one) => one.field === "lot_number") ? "" : code.lot_number) || "";
const expiryOf = (code) => (code.expiry && code.expiry.last_usable_day) || "";

function readInto(line, code, own) {
  if (own) line.goods.boxes.push(own);
  for (const [name, text] of [["lot_number", lotOf(code)], ["expiry", expiryOf(code)]]) if (text) fill(line, name, text);
  showRead(line, code);
  const [notes, warnings] = [true, false].map((isNote) => once(saidOf(code).filter((one) => (one.code === "format_ok") === isNote)));
  const said = out(line, "said");
  said.replaceChildren(warnings, ...code.choices.map((choice) => offer(line, code, choice)));
  said.hidden = !warnings;
  show(out(line, "note"), warnings ? "" : notes);
}

// ---- a string that lost its separators: the clerk picks the reading that stands on the box ----

const IDENTIFIERS = { gtin: "01", lot_number: "10", serial: "21", expiry: "17", produced_on: "11" };

function offer(line, code, choice) {
  const shown = Object.entries(choice).map(([name, text]) => `${known.fields[name] || name} ${text}`).join(" · ");
  const button = make("button", { type: "button", className: "second choice-of", textContent: shown });
  button.addEventListener("click", () => settle(line, code, choice));
  return button;
}

// The reading in brackets says beyond doubt what was meant, so the API reads it again, and warns of a repeat.
async function settle(line, code, choice) {
  const clear = { gtin: code.gtin, lot_number: code.lot_number, serial: code.serial, expiry: code.expiry && code.expiry.raw };
  const parts = Object.entries({ ...clear, ...choice }).filter(([name, text]) => text && IDENTIFIERS[name]);
  const text = parts.map(([name, part]) => `(${IDENTIFIERS[name]})${part}`).join("");
  const answer = await call("POST", "barcodes/", { scan: text });
  if (!answer.ok || !line.isConnected) return;
  const own = answer.data.box;
  if (own && all().some((one) => one.goods.boxes.includes(own))) { say(says.saysSame); line.remove(); return; }
  line.goods.item.barcode = text;
  readInto(line, answer.data, own);
  judge(line);
  enter(line);
}

// ---- one more box of the same lot ----

function another(line, code, own) {
  line.goods.boxes.push(own);
  (line.goods.item.trace_codes ||= []).push(own);
  input(line, "boxes").value = String((Number(value(line, "boxes")) || 0) + 1);
  say(code.warnings.map((one) => one.message).join(" "));
  judge(line);
  find.focus();
}

// ---- slips and photos ----

function slip(code) {
  if (code.warnings.length) return say(code.warnings.map((one) => one.message).join(" "));
  bindSlip(code.receipt_code);
  return say(`${says.saysBound} ${code.receipt_code}`);
}

document.getElementById("photo").addEventListener("change", async (event) => {
  const [photo] = event.target.files;
  if (!photo) return;
  const body = new FormData();
  body.append("photo", photo);
  event.target.value = "";
  await scan(body);
});
