// Finding a medicine by its name, and taking it into a line.
import { isCode, scanText } from "./codes.js";
import { addLine, enter, judge, setMedicine, setWords, waitingLine } from "./lines.js";
import { call, find, later, make, say, says } from "./page.js";

const found = document.getElementById("found");
let options = [];
let chosen = -1;
let asked = "";

function point(index) {
  chosen = index;
  [...found.children].forEach((row, at) => row.setAttribute("aria-selected", String(at === index)));
  if (index < 0) return find.removeAttribute("aria-activedescendant");
  find.setAttribute("aria-activedescendant", `option-${index}`);
  return found.children[index].scrollIntoView({ block: "nearest" });
}

function list(given) {
  options = given;
  found.replaceChildren(...given.map((one, index) => {
    const row = make("li", { id: `option-${index}` }, one.title);
    row.setAttribute("role", "option");
    if (one.note) row.append(make("small", { textContent: one.note }));
    row.addEventListener("pointerdown", (event) => { event.preventDefault(); take(index); });
    return row;
  }));
  found.hidden = !given.length;
  find.setAttribute("aria-expanded", String(given.length > 0));
  point(given.length ? 0 : -1);
}

function offered(medicine) {
  const title = `${medicine.generic_name} ${medicine.strength}`;
  const named = medicine.match && medicine.match.name !== medicine.generic_name ? medicine.match.name : "";
  const packs = (medicine.products || []).map((product) => ({
    title: `${title} ${product.brand}`.trim(),
    note: [product.manufacturer, product.specification].filter(Boolean).join(" · "), medicine, product,
  }));
  return [{ title, note: [medicine.dosage_form, named].filter(Boolean).join(" · "), medicine }, ...packs];
}

async function search(words) {
  if (find.value.trim() !== words) return; // chosen meanwhile
  asked = words;
  const answer = await call("GET", "medicines/?page_size=8&q=" + encodeURIComponent(words));
  if (asked !== words) return;
  const hits = answer.ok ? answer.data.results.flatMap(offered) : [];
  list([...hits, { title: says.saysByHand + words, description: words }]);
}
const searchSoon = later(search, 150);

find.addEventListener("input", () => {
  const words = find.value.trim();
  say("");
  if (!words || isCode(words)) { asked = ""; list([]); } else searchSoon(words);
});

find.addEventListener("keydown", async (event) => {
  if (event.isComposing) return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && options.length) { event.preventDefault(); point((chosen + step + options.length) % options.length); }
  if (event.key === "Escape") list([]);
  if (event.key !== "Enter" || event.ctrlKey) return;
  event.preventDefault();
  const words = find.value.trim();
  if (!words) document.getElementById("register").focus();
  else if (isCode(words)) { find.value = ""; scanText(words); }
  else {
    if (asked !== words || !options.length) await search(words);
    if (find.value.trim() === words) take(chosen);
  }
});

// What was chosen goes to the line that waits for its medicine, or into a new one.
function take(index) {
  const one = options[index];
  if (!one) return;
  find.value = "";
  asked = "";
  list([]);
  say("");
  const line = waitingLine() || addLine({});
  if (one.medicine) setMedicine(line, one.medicine, one.product); else setWords(line, one.description);
  judge(line);
  enter(line);
}
