// A form whose work takes its time says so as soon as it is sent. It is sent as it is without this.
"use strict";
(() => {
  for (const form of document.querySelectorAll("form[data-waiting]")) {
    form.addEventListener("submit", () => {
      form.querySelector("[role='status']").hidden = false;
      form.querySelector("button").disabled = true;
    });
  }
})();
