// While a roster is being registered: how many of its donations are, as the API tells it every second. The form is
// sent as it is without this; here is only what is seen meanwhile.
"use strict";
(() => {
  const form = document.getElementById("commit");
  if (!form) return;
  const bar = document.getElementById("progress");

  async function look() {
    const answer = await fetch(form.dataset.state, { headers: { Accept: "application/json" } });
    const { progress } = answer.ok ? await answer.json() : {};
    if (!progress) return;
    const [meter, words] = bar.children;
    meter.max = progress.of;
    meter.value = progress.done;
    words.textContent = `${progress.done} / ${progress.of}`;
  }

  form.addEventListener("submit", () => {
    bar.hidden = false;
    form.querySelector("button").disabled = true;
    setInterval(() => look().catch(() => {}), 1000); // a look that fails is followed by the next one
  });
})();
