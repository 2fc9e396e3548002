// Keys of the review. Every key belongs to an element that names it in data-key and works without
// this script: a button is pressed, a link followed, a fold turned, a field entered, a choice taken.
"use strict";
(() => {
  const owners = new Map();
  for (const one of document.querySelectorAll("[data-key]")) {
    if (!owners.has(one.dataset.key)) owners.set(one.dataset.key, one);
  }
  const grades = { m: "1", p: "0.5", x: "0" };
  let sent = false;

  const isText = (one) =>
    one instanceof HTMLTextAreaElement ||
    one instanceof HTMLSelectElement ||
    (one instanceof HTMLInputElement && !["radio", "checkbox", "submit", "button"].includes(one.type));

  const takes = (one) => one instanceof HTMLElement && one.matches("a[href], button, summary");

  function turn(fold) {
    const first = fold.id === "rubric" ? fold.querySelector("input[type=radio]") : null;
    // An open rubric is entered before it is closed.
    fold.open = !fold.open || (first !== null && !fold.contains(document.activeElement));
    ((fold.open && first) || fold.querySelector("summary")).focus();
  }

  function use(one) {
    if (one instanceof HTMLDetailsElement) return turn(one);
    if (isText(one)) return one.focus();
    const fold = one.closest("details");
    if (fold) fold.open = true;
    one.click();
    if (one instanceof HTMLInputElement) one.focus();
  }

  // In the rubric a key grades the criterion that has the focus and goes to the next one.
  function grade(key) {
    const criterion = document.activeElement && document.activeElement.closest("fieldset.criterion");
    if (!criterion || !(key in grades)) return false;
    criterion.querySelector(`input[type=radio][value="${grades[key]}"]`).checked = true;
    const next = criterion.nextElementSibling;
    (next || criterion).querySelector("input[type=radio]").focus();
    return true;
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat) return;
    const here = document.activeElement;
    if (isText(here)) {
      if (event.key === "Escape") here.blur();
      return;
    }
    if (event.key === "Enter" && takes(here)) return;
    const owner = owners.get(event.key);
    if (grade(event.key) || (owner && (use(owner), true))) event.preventDefault();
  });

  // One verdict a page: a second press before the answer comes is no second verdict. The server
  // would see that as well, by the number that the form carries.
  document.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
  // A page that the back button brings out of memory may be older than what was said since.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) window.location.reload();
  });
})();
