// Whose device it is, where it stands, and what may be chosen: as the server last said.
import { field, form, says, show } from "../intake/page.js";
import { keep, kept } from "./store.js";

export const kit = await kept("kit");
const place = document.getElementById("place");

const option = ({ code, name }) => new Option(name, code);
const today = () => new Date(Date.now() - new Date().getTimezoneOffset() * 60_000).toISOString().slice(0, 10);

// One to choose from is chosen; of several none is.
function offer(select, choices) {
  select.replaceChildren(new Option(says.saysSelect, ""), ...choices.map(option));
  if (choices.length === 1) select.value = choices[0].code;
}

export function showKit() {
  document.getElementById("unprepared").hidden = Boolean(kit);
  form.hidden = !kit;
  if (!kit) return;
  offer(place, kit.places);
  kit.place ||= place.value;
  standAt(kit.place);
  show(document.getElementById("account"), `${says.saysAccount} ${kit.person}`);
}

// What stands in a form before anything is typed.
export function prepare() {
  offer(field("/campaign"), kit.campaigns);
  const township = field("/donor/township");
  township.replaceChildren(township.options[0], ...kit.townships.map(option));
  field("/received_on").value = today();
}

// The place that is written into what is kept from now on; one that this person no longer works at is chosen anew.
export function standAt(code) {
  if (code !== undefined) place.value = kit.places.some((one) => one.code === code) ? code : "";
  says.place = place.value;
}

place.addEventListener("change", () => {
  standAt();
  kit.place = place.value;
  keep("kit", kit);
});
