// The device answers in the server's stead what it can: names from its own list of medicines, and slips, whose codes
// check themselves. What it cannot know it does not say: nothing is judged, and codes are kept as they were scanned.
import { compact, grouped, isReceiptCode } from "./receipts.js";
import { kept } from "./store.js";

const NOBODY = { ok: false, status: 0, data: { detail: "", errors: [] } };
const FOUND = 8;

export function answering(says) {
  return async (method, route, body) => {
    const [path, query] = route.split("?");
    if (path === "medicines/") return { ok: true, status: 200, data: { results: await find(new URLSearchParams(query).get("q")) } };
    if (path === "barcodes/" && body.scan) return { ok: true, status: 200, data: scanned(body.scan, says) };
    return NOBODY;
  };
}

// All words must be in the names; a name that begins with the first one comes before one that only holds it.
export async function find(typed) {
  const words = typed.normalize("NFKC").toLowerCase().split(/[\s,，、]+/).filter(Boolean);
  const list = (await kept("medicines")) || { medicines: [] };
  const ranked = [];
  for (const medicine of list.medicines) {
    const all = `${medicine.search} ${medicine.strength.toLowerCase()} ${medicine.code.toLowerCase()}`;
    if (!words.every((word) => all.includes(word))) continue;
    const begins = medicine.search.split(" ").some((name) => name.startsWith(words[0]));
    ranked.push([begins ? 0 : 1, medicine]);
  }
  ranked.sort((one, other) => one[0] - other[0]);
  return ranked.slice(0, FOUND).map(([, medicine]) => medicine);
}

const plain = (text) => text.normalize("NFKC").replace(/\s/g, "");
const TRACE = /^\d{7}[\dA-Za-z]{13}$/;

function scanned(text, says) {
  const answer = { text: text.trim(), format_ok: true, products: [], choices: [], ambiguous: [], messages: [], warnings: [], kind: "code", held: true };
  if (compact(text).length === 17 && !/^\d+$/.test(compact(text))) {
    const isWhole = isReceiptCode(text);
    const warnings = isWhole ? [] : [{ code: "check", message: says.saysMistyped }];
    return { ...answer, kind: "receipt_code", receipt_code: grouped(compact(text)), warnings };
  }
  if (TRACE.test(plain(text))) return { ...answer, kind: "trace_code", trace_code: plain(text) };
  if (/准字/.test(text)) return { ...answer, kind: "approval_number", approval_number: plain(text) };
  return answer;
}
