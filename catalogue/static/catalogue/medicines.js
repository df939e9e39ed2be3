// A medicine by whatever is typed: a name, its pinyin or initials, a brand, a maker, or its code. Every field that names
// the list of medicines becomes a search; without this script the browser's own list serves.
import { Finder } from "./finding.js";

const options = [...document.querySelectorAll("#medicines option")];
// What is sent for a medicine, and how it reads: a field holds its code, or words in which its code stands.
const written = new Map(options.map((one) => [one.dataset.code || one.value, one.value]));
const names = new Map(options.map((one) => [one.value, one.textContent]));
let numbered = 0;

async function ask(words) {
  const address = "/api/v1/medicines/?page_size=8&q=" + encodeURIComponent(words);
  const answer = await fetch(address, { headers: { Accept: "application/json" } }).catch(() => null);
  const medicines = answer && answer.ok ? (await answer.json()).results : [];
  return medicines.filter((medicine) => written.has(medicine.code)).map((medicine) => ({ ...medicine, products: [] }));
}

const coded = ({ title, note, medicine }) => ({ title, note: [note, medicine.code].filter(Boolean).join(" · "), medicine });
const known = (words) => written.get(words.toUpperCase()) || (names.has(words) ? words : "");

function search(field) {
  numbered += 1;
  const found = Object.assign(document.createElement("ul"), { className: "found", id: `medicines-${numbered}`, hidden: true });
  const note = Object.assign(document.createElement("p"), { className: "note" });
  found.setAttribute("role", "listbox");
  field.removeAttribute("list");
  field.maxLength = 120;
  for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-controls", found.id]]) field.setAttribute(name, value);
  field.after(found, note);
  const tell = () => {
    note.textContent = names.get(written.get(field.value.trim()) || "") || "";
    note.hidden = !note.textContent;
  };
  const finder = new Finder(field, found, {
    ask,
    among: (hits) => hits.map(coded),
    take: ({ medicine }) => { field.value = written.get(medicine.code); tell(); },
    isCode: (words) => Boolean(known(words)),
    entered: (words) => { if (words) field.value = known(words); tell(); return false; },
  });
  field.addEventListener("blur", () => finder.clear());
  field.addEventListener("input", tell);
  tell();
}

document.querySelectorAll('input[list="medicines"]').forEach(search);
