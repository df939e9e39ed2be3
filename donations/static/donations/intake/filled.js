// What the form says: whether it is filled in, the donation it stands for, what is wrong with it; and a new one.
import { kind, showKind, showSlip } from "./donor.js";
import { mark, markLine, unmarkAll } from "./faults.js";
import { all, isComplete, itemsOf, showUnfit } from "./lines.js";
import { field, find, form, isSeen, lines, say, says, show } from "./page.js";
import { isNamed } from "./waiting.js";

const refusal = document.getElementById("refusal");

// Whether nothing is missing that can be seen here; else what is missing is told, and has the focus.
export function isFilled() {
  unmarkAll(form);
  show(refusal, "");
  if (!lines.children.length) { say(says.saysNone); find.focus(); return false; }
  const wanting = all().filter((line) => ![!line.goods.isWaiting || isNamed(line), isComplete(line)].every(Boolean));
  if (wanting.length) form.querySelector('[aria-invalid="true"]').focus();
  return !wanting.length;
}

export function body() {
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

// What is said at its field is not said a second time above.
export function showFaults({ detail, errors = [] }, owners) {
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
  const words = new Set([detail, ...rest.map((one) => one.message)].filter((one) => !told.has(one)));
  show(refusal, [...words].join(" "));
  (form.querySelector('[aria-invalid="true"]') || refusal).focus();
}

// The next donor's form.
export function clear() {
  form.reset();
  lines.replaceChildren();
  unmarkAll(form);
  say("");
  show(document.getElementById("counter-warning"), "");
  showKind();
  showSlip();
  showUnfit();
  field("/donor/name").focus();
}
