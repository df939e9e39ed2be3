// Who brings it: what is asked of which kind of donor, the counter of a work unit, and the slip on the bag.
import { call, field, form, known, later, says, show } from "./page.js";

export const kind = () => form.querySelector('[name="/donor/kind"]:checked').value;

export function showKind() {
  for (const name of ["name", "phone", "work_unit", "township", "publish"])
    field("/donor/" + name).closest(".field").hidden = kind() === "anonymous";
}

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

// ---- the slip on the bag: its code becomes the receipt's ----

export function bindSlip(code) {
  field("/receipt_code").value = code;
  showSlip();
}

export function showSlip() {
  const code = field("/receipt_code").value.trim();
  document.querySelector("#slip [data-out='code']").textContent = code;
  document.getElementById("slip").hidden = !code;
}

form.addEventListener("change", (event) => { if (event.target.name === "/donor/kind") showKind(); });
for (const name of ["work_unit", "name"]) field("/donor/" + name).addEventListener("input", checkCounter);
field("/receipt_code").addEventListener("input", showSlip);
document.querySelector("#slip button").addEventListener("click", () => bindSlip(""));
