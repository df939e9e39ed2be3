// Finding a medicine by what is typed into a field: what the words may mean stands under it, Enter or a touch takes one.

const SOON = 150;

function offered(medicine) {
  const title = `${medicine.generic_name} ${medicine.strength}`;
  const named = medicine.match && medicine.match.name !== medicine.generic_name ? medicine.match.name : "";
  const packs = (medicine.products || []).map((product) => ({
    title: `${title} ${product.brand}`.trim(),
    note: [product.manufacturer, product.specification].filter(Boolean).join(" · "), medicine, product,
  }));
  return [{ title, note: [medicine.dosage_form, named].filter(Boolean).join(" · "), medicine }, ...packs];
}

export class Finder {
  // `ask(words)` answers the medicines found, `among(hits, words)` is what is offered of them, `take(one)` gets what
  // was chosen; `isCode(words)` says what is no name, and `entered(words)` answers Enter on that or on nothing typed,
  // false where the form's own Enter is meant.
  constructor(field, found, { ask, among, take, isCode, entered }) {
    Object.assign(this, { field, found, ask, among, take, isCode, entered });
    this.clear();
    let timer;
    field.addEventListener("input", () => {
      const words = field.value.trim();
      clearTimeout(timer);
      if (!words || isCode(words)) this.clear(); else timer = setTimeout(() => this.search(words), SOON);
    });
    field.addEventListener("keydown", (event) => this.key(event));
  }

  clear() {
    this.asked = "";
    this.list([]);
  }

  list(given) {
    this.options = given;
    this.found.replaceChildren(...given.map((one, index) => {
      const row = Object.assign(document.createElement("li"), { id: `${this.found.id}-${index}`, textContent: one.title });
      row.setAttribute("role", "option");
      if (one.note) row.append(Object.assign(document.createElement("small"), { textContent: one.note }));
      row.addEventListener("pointerdown", (event) => { event.preventDefault(); this.choose(index); });
      return row;
    }));
    this.found.hidden = !given.length;
    this.field.setAttribute("aria-expanded", String(given.length > 0));
    this.point(given.length ? 0 : -1);
  }

  point(index) {
    this.chosen = index;
    [...this.found.children].forEach((row, at) => row.setAttribute("aria-selected", String(at === index)));
    if (index < 0) { this.field.removeAttribute("aria-activedescendant"); return; }
    this.field.setAttribute("aria-activedescendant", `${this.found.id}-${index}`);
    this.found.children[index].scrollIntoView({ block: "nearest" });
  }

  async search(words) {
    if (this.field.value.trim() !== words) return; // chosen meanwhile
    this.asked = words;
    const medicines = await this.ask(words);
    if (this.asked === words) this.list(this.among(medicines.flatMap(offered), words));
  }

  key(event) {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const many = this.options.length;
    if (step && many) { event.preventDefault(); this.point((this.chosen + step + many) % many); }
    if (event.key === "Escape") this.list([]);
    if (event.key === "Enter" && !event.ctrlKey) this.enter(event, this.field.value.trim());
  }

  async enter(event, words) {
    if (!words || this.isCode(words)) {
      if (this.entered(words) !== false) event.preventDefault();
      return;
    }
    event.preventDefault();
    if (this.asked !== words || !this.options.length) await this.search(words);
    if (this.field.value.trim() === words) this.choose(this.chosen);
  }

  choose(index) {
    const one = this.options[index];
    if (!one) return;
    this.clear();
    this.take(one);
  }
}
