// The hash of a file that is chosen, computed in the browser: a telephone has no other way. The file is not sent; what
// is sent is the hash, in the field that is there without this. A browser that cannot compute it is not offered to.
"use strict";
(() => {
  const choice = document.getElementById("choice");
  if (!choice || !globalThis.crypto?.subtle) return;
  const field = document.getElementById("sha256");
  const said = Object.fromEntries([...choice.querySelectorAll("[role]")].map((each) => [each.dataset.said, each]));

  function say(what) {
    for (const [name, words] of Object.entries(said)) words.hidden = name !== what;
  }

  async function hash(file) {
    const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
    return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  choice.querySelector("input").addEventListener("change", async ({ target }) => {
    const [file] = target.files;
    if (!file) return;
    say("computing");
    try {
      field.value = await hash(file);
    } catch {
      say("unreadable"); // taken away meanwhile, or larger than the memory of the telephone
      return;
    }
    say("");
    field.form.requestSubmit();
  });
  choice.hidden = false;
})();
