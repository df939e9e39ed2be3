// The search under the goods: what is chosen there always begins a line of its own.
import { isCode, scanText } from "./codes.js";
import { Finder } from "../../catalogue/finding.js";
import { addLine, enter, judge, setMedicine, setWords } from "./lines.js";
import { find, medicines, say, says } from "./page.js";

function take(one) {
  find.value = "";
  say("");
  const line = addLine({});
  if (one.medicine) setMedicine(line, one.medicine, one.product); else setWords(line, one.description);
  judge(line);
  enter(line);
}

function entered(words) {
  if (!words) { document.getElementById("register").focus(); return; }
  find.value = "";
  scanText(words);
}

new Finder(find, document.getElementById("found"), {
  ask: medicines,
  among: (hits, words) => [...hits, { title: says.saysByHand + words, description: words }],
  take,
  isCode,
  entered,
});
find.addEventListener("input", () => say(""));
