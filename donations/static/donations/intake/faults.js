// What is wrong, at its field.
import { isSeen, show } from "./page.js";

export function mark(element, message) {
  unmark(element);
  const note = Object.assign(document.createElement("p"), { className: "fault", textContent: message, id: `${element.id}-wrong` });
  element.setAttribute("aria-invalid", "true");
  element.setAttribute("aria-describedby", note.id);
  const about = element.closest("details:not([open])");
  if (about) about.open = true;
  (element.closest(".field") || element.parentElement).append(note);
}

export function unmark(element) {
  element.removeAttribute("aria-invalid");
  const note = document.getElementById(`${element.id}-wrong`);
  if (note) { note.remove(); element.removeAttribute("aria-describedby"); }
}

export function unmarkAll(within) {
  within.querySelectorAll('[aria-invalid="true"]').forEach(unmark);
  within.querySelectorAll('[data-out="fault"]').forEach((one) => show(one, ""));
}

// Takes away, when it is called, the faults that stand within `line` now: what is found wrong meanwhile stays.
export function forgetting(line) {
  const notes = [...line.querySelectorAll('p.fault[id$="-wrong"]')];
  return () => {
    for (const note of notes.filter((one) => one.isConnected)) unmark(line.querySelector(`[aria-describedby="${note.id}"]`));
    line.querySelectorAll('[data-out="fault"]').forEach((one) => show(one, ""));
  };
}

// The API's names of an item's fields, and the cells that hold them.
const PLACED = {
  quantity: "boxes", unit: "unit", container: "container", lot_number: "lot_number", expiry: "expiry",
  lot_state: "lot_number", expiry_state: "expiry", description: "description",
};

export function markLine(line, name, message) {
  const element = PLACED[name] && line.querySelector(`[data-field="${PLACED[name]}"]`);
  if (element && isSeen(element)) mark(element, message);
  else show(line.querySelector('[data-out="fault"]'), message);
}
