// Moving through the form by keyboard.
import { isSlip, scanText } from "./codes.js";
import { field, find, form, isSeen } from "./page.js";

// Enter moves on to what is still to be filled in, and past what a code has filled in already.
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
  if (event.key !== "Enter" || event.isComposing || at.matches('[role="combobox"]') || !at.matches("input, select")) return;
  event.preventDefault();
  // The slip is often scanned first, while the name has the focus.
  if (at.type === "text" && at !== field("/receipt_code") && isSlip(at.value)) { scanText(at.value); at.value = ""; return; }
  next(at);
});
form.addEventListener("focusin", (event) => { if (event.target.matches('input[type="text"]')) event.target.select(); });
