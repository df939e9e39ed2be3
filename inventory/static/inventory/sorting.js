/* The number keys of the sorting table. They work while the form has the focus and nothing is being typed. */
"use strict";
(() => {
  const form = document.getElementById("sorting");
  const left = document.getElementById("left");
  const outcomes = { 1: "accept", 2: "reject", 3: "hold" };
  const part = () => document.activeElement.closest(".part") || form.querySelector(".part");
  const isTyping = (one) => one.matches("textarea, select, input:not([type='checkbox'], [type='radio'])");

  function decide(outcome) {
    const here = part();
    here.querySelector(`[value="${outcome}"]`).click();
    const target = outcome === "accept"
      ? here.querySelector(".points input:not(:checked)") || document.querySelector("#sorting button.whole")
      : here.querySelector(".for-other select");
    target.focus();
  }

  function tickAll(here) {
    here.querySelectorAll(".points input").forEach((box) => { box.checked = true; });
    form.querySelector("button.whole").focus();
  }

  function sum() {
    const fields = [...form.querySelectorAll("[name$='/quantity']")];
    const divided = fields.reduce((all, one) => all + (Number(one.value) || 0), 0);
    left.hidden = fields.length < 2;
    left.textContent = `${left.dataset.says} ${divided} / ${left.dataset.there}`;
  }

  form.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const here = part();
    if (outcomes[event.key]) decide(outcomes[event.key]);
    else if (event.key === "0" && here.querySelector("[value='accept']:checked")) tickAll(here);
    else if (event.key === "Enter" && event.target.matches("input")) form.querySelector("button.whole").click();
    else return;
    event.preventDefault();
  });
  // A choice by key in a list of reasons is confirmed by Enter, as in a field of text.
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("select")) {
      event.preventDefault();
      form.querySelector("button.whole").focus();
    }
  });
  form.addEventListener("input", sum);
  form.querySelectorAll(".all").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => tickAll(button.closest(".part")));
  });
  form.querySelectorAll(".every").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => {
      button.closest("details").querySelectorAll("input").forEach((box) => { box.checked = true; });
    });
  });
  document.querySelector(".keys").hidden = false;
  sum();
  const wrong = form.querySelector("[aria-invalid='true']");
  (wrong || form.querySelector("[type='radio']")).focus();
})();
