// A form as it was typed, to be kept with its draft: what the server refused is shown again with every word in place.
import { unknownLine } from "../intake/codes.js";
import { addLine, all, identified, input, out } from "../intake/lines.js";
import { form, show } from "../intake/page.js";
import { showName } from "../intake/waiting.js";

const given = (one) => (one.type === "checkbox" || one.type === "radio" ? one.checked : one.value);
function give(one, value) {
  if (one.type === "checkbox" || one.type === "radio") one.checked = value; else one.value = value;
}

export function typed() {
  const fields = [...form.querySelectorAll("[name]")].map((one) => [one.name, one.type === "radio" ? one.value : "", given(one)]);
  return { fields, lines: all().map(lineTyped) };
}

function lineTyped(line) {
  const cells = [...line.querySelectorAll("[data-field]")].map((one) => [one.dataset.field, given(one)]);
  const findings = [...line.querySelectorAll("[data-finding]:checked")].map((one) => one.dataset.finding);
  const { item, boxes, unit, isWaiting, title, gtin } = line.goods;
  return { name: out(line, "name").textContent, item, boxes, unit, cells, findings, waits: isWaiting && { title, gtin } };
}

export function typeAgain({ fields, lines }) {
  for (const [name, choice, value] of fields)
    for (const one of form.querySelectorAll(`[name="${name}"]`))
      if (one.type !== "radio" || one.value === choice) give(one, value);
  lines.forEach(addTyped);
}

function addTyped(kept) {
  const line = kept.waits ? unknownLine(kept.waits.title, kept.item, kept.waits.gtin) : addLine(kept.item);
  line.goods.boxes = kept.boxes;
  line.goods.outcome = "unjudged";
  if (!kept.waits) identified(line, kept.name, kept.unit);
  line.querySelector('[data-for="unit"]').hidden = Boolean(kept.item.medicine);
  for (const [name, value] of kept.cells) give(input(line, name), value);
  if (kept.waits) showName(line);
  for (const one of line.querySelectorAll("[data-finding]")) one.checked = kept.findings.includes(one.dataset.finding);
  line.querySelector('[data-for="loose"]').hidden = !input(line, "loose").value;
  show(out(line, "fault"), "");
}
