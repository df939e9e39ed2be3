// A box of a product that nobody knows: its line stands at once with what was read. In the line itself the clerk chooses
// its medicine, says of which other line it is one more, or writes what is printed on it, and a pharmacist names it.
import { Finder } from "../../catalogue/finding.js";
import { mark } from "./faults.js";
import { addLine, all, enter, fill, input, judge, numberOf, out, setMedicine, value } from "./lines.js";
import { find, known, lines, make, medicines, says, show } from "./page.js";

// `isCode` says what a scanner typed, which goes to `scanText` even from here.
export function addWaiting(title, item, { isCode, scanText }) {
  const line = addLine(item);
  line.goods.isWaiting = true;
  line.goods.title = title;
  line.classList.add("waiting");
  out(line, "waiting").hidden = false;
  line.querySelector('[data-for="unit"]').hidden = false;
  const found = out(line, "found");
  const field = input(line, "description");
  found.id = `${field.id}-found`;
  field.setAttribute("aria-controls", found.id);
  const finder = new Finder(field, found, {
    ask: medicines,
    among: (hits, words) => [{ title: `${says.saysUnnamed}${words}` }, ...hits],
    take: (one) => named(line, one),
    isCode,
    entered: (words) => { if (words) { field.value = ""; scanText(words); } else enter(line); },
  });
  field.addEventListener("blur", () => finder.clear());
  field.addEventListener("input", () => showName(line));
  showName(line);
  offer();
  return line;
}

function named(line, { medicine, product }) {
  if (medicine) setMedicine(line, medicine, product);
  judge(line);
  enter(line);
}

export function showName(line) {
  out(line, "name").textContent = [value(line, "description"), line.goods.title].filter(Boolean).join(" · ");
}

// What the code said, in words: for the eye, beside the cells that it filled.
export function showRead(line, code) {
  const parts = { ...code, expiry: code.expiry && code.expiry.last_usable_day };
  const told = Object.keys(known.fields).filter((name) => parts[name]).map((name) => `${known.fields[name]} ${parts[name]}`);
  show(out(line, "read"), told.join(" · "));
}

// Registered under the words on the box, and counted; the medicine is for the pharmacist to say.
export function isNamed(line) {
  if (value(line, "description")) return true;
  mark(input(line, "description"), says.saysChoose);
  return false;
}

// ---- one more box of another line ----

const LABEL = ["lot_number", "expiry"];
const mayBe = (line, other) => LABEL.every((name) => !value(line, name) || !value(other, name) || value(line, name) === value(other, name));

function offer() {
  for (const line of all().filter((one) => one.goods.isWaiting)) {
    const others = line.goods.boxes.length ? all().filter((one) => one.goods.item.medicine && mayBe(line, one)) : [];
    out(line, "same").replaceChildren(...others.slice(-4).reverse().map((other) => {
      const words = `${says.saysSameAs} ${numberOf(other)}. ${out(other, "name").textContent}`;
      const button = make("button", { type: "button", className: "second choice-of", textContent: words });
      button.addEventListener("click", () => join(line, other));
      return button;
    }));
  }
}

function join(line, other) {
  const counted = Number(value(other, "boxes")) || 0;
  for (const name of LABEL) if (!value(other, name) && value(line, name)) fill(other, name, value(line, name));
  other.goods.boxes.push(...line.goods.boxes);
  (other.goods.item.trace_codes ||= []).push(...line.goods.boxes);
  if (counted < other.goods.boxes.length) input(other, "boxes").value = String(other.goods.boxes.length);
  line.remove();
  judge(other);
  offer();
  find.focus();
}

lines.addEventListener("changed", offer);
lines.addEventListener("input", offer);
