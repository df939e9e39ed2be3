// The counter's page: a donor and what they bring, by scanner, keyboard and photo. It decides nothing: the API reads
// codes, finds medicines, judges items and registers; here is only what stands in which field.
"use strict";
(() => {
  const form = document.getElementById("intake");
  if (!form) return;
  const known = JSON.parse(document.getElementById("known").textContent);
  const lines = document.getElementById("lines");
  const find = document.getElementById("find");
  const found = document.getElementById("found");
  const says = form.dataset;
  let key = newKey();
  let scans = Promise.resolve(); // codes are looked up in the order in which they were scanned

  // ---- speaking with the API ----

  function newKey() {
    if (crypto.randomUUID) return crypto.randomUUID(); // only where the page came over HTTPS
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  }

  async function call(method, route, body, idempotencyKey) {
    const headers = { Accept: "application/json", "X-CSRFToken": says.token };
    if (idempotencyKey) headers["Idempotency-Key"] = idempotencyKey;
    const isForm = body instanceof FormData;
    if (body && !isForm) headers["Content-Type"] = "application/json";
    try {
      const answer = await fetch("/api/v1/" + route, {
        method, headers, body: isForm || !body ? body : JSON.stringify(body),
      });
      return { ok: answer.ok, status: answer.status, data: await answer.json() };
    } catch {
      return { ok: false, status: 0, data: { detail: says.saysOffline, errors: [] } };
    }
  }

  function later(work, wait) {
    let timer;
    return (...given) => { clearTimeout(timer); timer = setTimeout(() => work(...given), wait); };
  }

  function show(element, text) {
    element.textContent = text || "";
    element.hidden = !text;
  }

  // ---- Enter moves on ----

  const isSeen = (element) => element.offsetParent !== null && !element.disabled;

  function next(from) {
    const all = [...form.querySelectorAll("input, select, #register")].filter(
      (one) => isSeen(one) && one.type !== "hidden" && one.type !== "file" && !one.closest("details:not([open])"));
    const after = all.slice(all.indexOf(from) + 1);
    const isNew = (one) => !(one.type === "radio" && one.name === from.name) && one.dataset.read !== "1";
    (after.find(isNew) || find).focus();
  }

  form.addEventListener("keydown", (event) => {
    const at = event.target;
    if (event.key === "Enter" && event.ctrlKey) { event.preventDefault(); form.requestSubmit(); return; }
    if (event.key !== "Enter" || event.isComposing || at === find || !at.matches("input, select")) return;
    event.preventDefault();
    next(at);
  });
  form.addEventListener("focusin", (event) => { if (event.target.matches('input[type="text"]')) event.target.select(); });

  // ---- the donor ----

  const field = (name) => form.querySelector(`[name="${name}"]`);
  const kind = () => form.querySelector('[name="/donor/kind"]:checked').value;

  function showKind() {
    for (const name of ["name", "phone", "work_unit", "township", "publish"])
      field("/donor/" + name).closest(".field").hidden = kind() === "anonymous";
  }
  form.addEventListener("change", (event) => { if (event.target.name === "/donor/kind") showKind(); });

  const compact = (text) => text.normalize("NFKC").replace(/\s/g, "").toLowerCase();
  // The unit that stands here: a donor's, or the donor itself.
  const unitTyped = () => (field("/donor/work_unit").value || (kind() === "work_unit" ? field("/donor/name").value : "")).trim();
  const checkCounter = later(async () => {
    const typed = unitTyped();
    const warning = document.getElementById("counter-warning");
    if (!typed) return show(warning, "");
    const answer = await call("GET", "work-units/?page_size=10&name=" + encodeURIComponent(typed));
    if (!answer.ok || unitTyped() !== typed) return undefined;
    const units = answer.data.results;
    document.getElementById("units").replaceChildren(...units.map((unit) => new Option(unit.name)));
    const unit = units.find((one) => compact(one.name) === compact(typed));
    const isElsewhere = unit && unit.place && unit.place !== says.place;
    return show(warning, isElsewhere ? "⚠ " + says.saysWrongCounter + (known.points[unit.place] || unit.place) : "");
  }, 250);
  for (const name of ["work_unit", "name"]) field("/donor/" + name).addEventListener("input", checkCounter);

  // ---- finding a medicine ----

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
      const row = document.createElement("li");
      row.id = `option-${index}`;
      row.setAttribute("role", "option");
      row.append(one.title);
      if (one.note) row.append(Object.assign(document.createElement("small"), { textContent: one.note }));
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

  // What no name looks like: a GS1 string, or a number as long as a code's.
  const isCode = (text) => /^(\]|\(01\)|01\d{14})|[\u001d]|^\d{8,}$|^\d{7}[\dA-Za-z]{13}$|准字/.test(text.replace(/\s/g, ""));

  find.addEventListener("input", () => {
    const words = find.value.trim();
    show(document.getElementById("find-says"), "");
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
    else if (isCode(words)) { find.value = ""; scans = scans.then(() => scan({ scan: words })); }
    else {
      if (asked !== words || !options.length) await search(words);
      if (find.value.trim() === words) take(chosen);
    }
  });

  function take(index) {
    const one = options[index];
    if (!one) return;
    find.value = "";
    asked = "";
    list([]);
    const line = one.medicine ? addMedicine(one.medicine, one.product) : addLine({ name: one.description, item: { description: one.description } });
    enter(line);
  }

  // ---- codes ----

  async function scan(body) {
    const answer = await call("POST", "barcodes/", body);
    if (!answer.ok) return say((answer.data.errors[0] || {}).message || answer.data.detail);
    const codes = answer.data.codes || [answer.data];
    codes.forEach((code) => adopt(code, body.scan));
    if (answer.data.codes) say(answer.data.messages.map((one) => one.message).join(" "));
    return undefined;
  }
  const say = (text) => show(document.getElementById("find-says"), text);

  function adopt(code, typed) {
    const read = {
      lot_number: code.ambiguous.some((one) => one.field === "lot_number") ? "" : code.lot_number,
      expiry: code.expiry && code.expiry.last_usable_day,
    };
    const words = [...code.messages, ...code.ambiguous, ...code.warnings].map((one) => one.message).join(" ");
    const own = code.box || code.trace_code;
    const rows = [...lines.children];
    if (own && rows.some((row) => row.goods.boxes.includes(own))) return say(says.saysSame);
    const alike = rows.find((row) => own && row.goods.item.medicine && code.medicine
      && row.goods.item.medicine === code.medicine.code && value(row, "lot_number") === (read.lot_number || "")
      && value(row, "expiry") === (read.expiry || ""));
    if (alike) return another(alike, code, own);
    const product = code.products.length === 1 ? code.products[0] : undefined;
    if (!code.medicine) return say([says.saysUnknownCode, words].join(" "));
    const line = addMedicine(code.medicine, product);
    const item = line.goods.item;
    item.barcode = code.trace_code ? "" : (typed || code.text);
    if (code.trace_code) item.trace_codes = [code.trace_code];
    if (own) line.goods.boxes.push(own);
    for (const [name, text] of Object.entries(read)) if (text) fill(line, name, text);
    fill(line, "boxes", "1", false);
    say(words);
    judge(line);
    return enter(line);
  }

  function another(line, code, own) {
    line.goods.boxes.push(own);
    if (code.trace_code) (line.goods.item.trace_codes ||= []).push(code.trace_code);
    input(line, "boxes").value = String((Number(value(line, "boxes")) || 0) + 1);
    judge(line);
    find.focus();
  }

  document.getElementById("photo").addEventListener("change", async (event) => {
    const [photo] = event.target.files;
    if (!photo) return;
    const body = new FormData();
    body.append("photo", photo);
    event.target.value = "";
    await scan(body);
  });

  // ---- lines ----

  const input = (line, name) => line.querySelector(`[data-field="${name}"]`);
  const value = (line, name) => input(line, name).value.trim();

  function fill(line, name, text, isRead = true) {
    input(line, name).value = text;
    if (isRead) input(line, name).dataset.read = "1";
  }

  function addMedicine(medicine, product) {
    const item = { medicine: medicine.code };
    for (const name of ["specification", "manufacturer", "approval_number"])
      if (product && product[name]) item[name] = product[name];
    const brand = product && product.brand ? ` ${product.brand}` : "";
    const line = addLine({ name: `${medicine.generic_name} ${medicine.strength}${brand}`, unit: medicine.smallest_unit, item });
    if (product && product.pack_size) fill(line, "pack", String(product.pack_size));
    else if (known.one_by_one.includes(medicine.smallest_unit)) fill(line, "pack", "1");
    return line;
  }

  let numbered = 0;
  function addLine(goods) {
    const line = document.getElementById("line").content.firstElementChild.cloneNode(true);
    line.goods = { boxes: [], ...goods };
    numbered += 1;
    line.querySelector('[data-out="name"]').textContent = goods.name;
    for (const unit of line.querySelectorAll('[data-out="unit"]')) unit.textContent = goods.unit ? `(${goods.unit})` : "";
    for (const one of line.querySelectorAll("[data-field]")) {
      one.id = `line-${numbered}-${one.dataset.field}`;
      const label = one.parentElement.querySelector(":scope > label");
      if (label) label.htmlFor = one.id;
    }
    line.querySelector(".remove").setAttribute("aria-label", `${line.querySelector(".remove").textContent} ${goods.name}`);
    line.querySelector(".remove").addEventListener("click", () => { line.remove(); find.focus(); });
    const judgeSoon = later(judge, 250);
    line.addEventListener("input", (event) => {
      delete event.target.dataset.read;
      line.querySelector('[data-for="loose"]').hidden = !Number(value(line, "loose"));
      unmark(event.target);
      judgeSoon(line);
    });
    lines.append(line);
    show(document.getElementById("refusal"), "");
    judge(line);
    return line;
  }

  function enter(line) {
    const first = [...line.querySelectorAll(".cells input")].find((one) => isSeen(one) && one.dataset.read !== "1");
    (first || find).focus();
  }

  const count = (text) => (/^\d+$/.test(text.normalize("NFKC")) ? Number(text.normalize("NFKC")) : 0);

  function itemOf(line, quantity) {
    const lot = value(line, "lot_number");
    const expiry = value(line, "expiry");
    const isOff = (name) => input(line, name).checked;
    return {
      ...line.goods.item, quantity, lot_number: lot, expiry,
      lot_state: lot ? "read" : isOff("no_lot") ? "not_printed" : "not_read",
      expiry_state: isOff("no_expiry") ? "not_printed" : expiry ? "read" : "not_read",
      findings: [...line.querySelectorAll("[data-finding]:checked")].map((one) => one.dataset.finding),
    };
  }

  // A line is one item of the API, or two: its boxes, and what lies loose beside them.
  function itemsOf(line) {
    const boxed = count(value(line, "boxes")) * count(value(line, "pack"));
    const loose = count(value(line, "loose"));
    const parts = boxed ? [itemOf(line, boxed)] : [];
    if (loose) {
      const codes = boxed ? { trace_codes: [], barcode: "" } : {};
      parts.push({ ...itemOf(line, loose), ...codes, opened: true, container: value(line, "container") });
    }
    return parts;
  }

  const WORST = ["accept", "review", "refuse"];
  async function judge(line) {
    const mark = (line.judged = (line.judged || 0) + 1);
    const parts = itemsOf(line);
    // Before anything is counted one is asked about, so that the verdict is there while one types.
    const asking = parts.length ? parts : [itemOf(line, 1)];
    const answers = await Promise.all(asking.map((item) => call("POST", "screenings/", item)));
    if (mark !== line.judged || !line.isConnected) return;
    unmarkAll(line);
    const refused = answers.find((answer) => !answer.ok);
    const verdict = line.querySelector(".verdict");
    const reasons = line.querySelector(".reasons");
    reasons.replaceChildren();
    verdict.replaceChildren();
    if (refused) {
      (refused.data.errors || []).forEach((one) => markLine(line, one.pointer.slice(1), one.message));
      return;
    }
    const screenings = answers.map((answer) => answer.data.screening);
    const outcome = WORST[Math.max(...screenings.map((one) => WORST.indexOf(one.outcome)))];
    const sign = { accept: "✓", review: "?", refuse: "✕" }[outcome];
    verdict.append(Object.assign(document.createElement("span"), {
      className: `badge ${known.tones[outcome]}`, textContent: `${sign} ${known.outcomes[outcome]}`,
    }));
    const words = new Set(screenings.flatMap((one) => [...one.reasons, ...one.flags]).map((one) => one.message));
    reasons.append(...[...words].map((text) => Object.assign(document.createElement("li"), { textContent: text })));
  }

  // ---- what is wrong, at its field ----

  function mark(element, message) {
    unmark(element);
    const note = Object.assign(document.createElement("p"), { className: "fault", textContent: message, id: `${element.id}-wrong` });
    element.setAttribute("aria-invalid", "true");
    element.setAttribute("aria-describedby", note.id);
    (element.closest(".field") || element.parentElement).append(note);
  }
  function unmark(element) {
    element.removeAttribute("aria-invalid");
    const note = document.getElementById(`${element.id}-wrong`);
    if (note) { note.remove(); element.removeAttribute("aria-describedby"); }
  }
  function unmarkAll(within) {
    within.querySelectorAll('[aria-invalid="true"]').forEach(unmark);
    within.querySelectorAll('[data-out="fault"]').forEach((one) => show(one, ""));
  }
  const PLACED = { quantity: "boxes", container: "container", lot_number: "lot_number", expiry: "expiry", lot_state: "lot_number", expiry_state: "expiry" };
  function markLine(line, name, message) {
    const element = PLACED[name] && input(line, PLACED[name]);
    if (element && isSeen(element)) mark(element, message);
    else show(line.querySelector('[data-out="fault"]'), message);
    return element;
  }

  // ---- registering ----

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
    for (const line of lines.children)
      for (const item of itemsOf(line)) { sent.items.push(item); owners.push(line); }
    return { sent, owners };
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    unmarkAll(form);
    const refusal = document.getElementById("refusal");
    show(refusal, "");
    if (!lines.children.length) { say(says.saysNone); find.focus(); return; }
    const uncounted = [...lines.children].filter((line) => !itemsOf(line).length);
    uncounted.forEach((line) => mark(input(line, count(value(line, "boxes")) ? "pack" : "boxes"), says.saysCount));
    if (uncounted.length) { form.querySelector('[aria-invalid="true"]').focus(); return; }
    const { sent, owners } = body();
    const button = document.getElementById("register");
    button.disabled = true;
    const answer = await call("POST", "donations/", sent, key);
    button.disabled = false;
    if (answer.ok) registered(answer.data, owners);
    else refused(answer, owners, refusal);
  });

  function refused(answer, owners, refusal) {
    const signedOut = answer.status === 401;
    const errors = answer.data.errors || [];
    const rest = errors.filter(({ pointer, message }) => {
      const [, first, index, name] = pointer.split("/");
      if (first === "items" && owners[index]) { markLine(owners[index], name, message); return false; }
      const element = field(pointer);
      if (!element || !isSeen(element)) return true;
      mark(element, message);
      return false;
    });
    show(refusal, [signedOut ? says.saysSignedOut : answer.data.detail, ...rest.map((one) => one.message)].join(" "));
    (form.querySelector('[aria-invalid="true"]') || refusal).focus();
  }

  function registered(data, owners) {
    const saved = document.getElementById("saved");
    const part = (name) => saved.querySelector(`[data-out="${name}"]`);
    part("code").textContent = data.receipt_code.replace(/(.{4})(?=.)/g, "$1-");
    part("lines").replaceChildren(...data.items.map((item, index) => {
      const row = document.createElement("li");
      const outcome = item.screening.outcome;
      const badge = Object.assign(document.createElement("span"), { className: `badge ${known.tones[outcome]}`, textContent: known.outcomes[outcome] });
      row.append(`${owners[index].goods.name} `, badge, ` ${item.screening.reasons.map((one) => one.message).join("；")}`);
      return row;
    }));
    show(part("warnings"), data.warnings.map((one) => `⚠ ${one.message}`).join(" "));
    for (const link of saved.querySelectorAll("[data-receipt]"))
      link.href = `/api/v1/donations/${data.id}/receipt.pdf?size=${link.dataset.receipt}`;
    saved.hidden = false;
    form.hidden = true;
    document.getElementById("next-donor").focus();
    saved.scrollIntoView({ block: "start" });
  }

  document.getElementById("next-donor").addEventListener("click", () => {
    key = newKey();
    form.reset();
    lines.replaceChildren();
    unmarkAll(form);
    say("");
    show(document.getElementById("counter-warning"), "");
    document.getElementById("saved").hidden = true;
    form.hidden = false;
    showKind();
    field("/donor/name").focus();
  });

  showKind();
  field("/donor/name").focus();
})();
