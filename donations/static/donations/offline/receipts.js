// Receipt codes, made on the device: 80 random bits and a check character, as core/receipt_codes.py makes them.

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const VARIETY = 6; // different characters, and different steps between neighbours, of a code that is not guessable
const READ_AS = { O: "0", I: "1", L: "1" };

export const grouped = (plain) => plain.replace(/(.{4})(?=.)/g, "$1-");
export const compact = (text) =>
  text.normalize("NFKC").replace(/[\s\-_\u2010-\u2015\u2212]/g, "").toUpperCase().replace(/[OIL]/g, (one) => READ_AS[one]);

// The sum of value(i) · x^i over the field GF(32) modulo x^5 + x^2 + 1.
export function checkCharacter(payload) {
  let total = 0;
  for (const character of payload) {
    total = (total ^ ALPHABET.indexOf(character)) << 1;
    if (total & 32) total ^= 0b100101;
  }
  return ALPHABET[total];
}

export function isGuessable(payload) {
  const values = [...payload].map((one) => ALPHABET.indexOf(one));
  const steps = new Set(values.slice(1).map((value, index) => (value - values[index] + 32) % 32));
  const repeats = (period) => values.slice(period).every((value, index) => value === values[index]);
  const isRepeated = Array.from({ length: 8 }, (_, index) => index + 1).some(repeats);
  return new Set(values).size < VARIETY || steps.size < VARIETY || isRepeated;
}

export function newReceiptCode() {
  for (;;) {
    const payload = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => ALPHABET[byte & 31]).join("");
    if (!isGuessable(payload)) return grouped(payload + checkCharacter(payload));
  }
}

export function isReceiptCode(text) {
  const code = compact(text);
  if (code.length !== 17 || [...code].some((one) => !ALPHABET.includes(one))) return false;
  return checkCharacter(code.slice(0, 16)) === code[16] && !isGuessable(code.slice(0, 16));
}
