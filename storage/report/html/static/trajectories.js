// Keys of the table: the marked row is the one whose link has the focus, so Enter opens it.
"use strict";
(() => {
  const links = [...document.querySelectorAll("#rows a.row-link")];
  const isText = (one) => one instanceof HTMLElement && one.matches("input, select, textarea");

  function move(by) {
    const here = links.findIndex((link) => link === document.activeElement);
    const next = here < 0 ? (by > 0 ? 0 : links.length - 1) : here + by;
    const link = links[Math.max(0, Math.min(links.length - 1, next))];
    if (!link) return;
    link.focus();
    link.closest("tr").scrollIntoView({ block: "nearest" });
  }

  function follow(id) {
    const link = document.getElementById(id);
    if (link instanceof HTMLAnchorElement) link.click();
  }

  function keys() {
    const fold = document.getElementById("keys");
    fold.open = !fold.open;
    fold.querySelector("summary").focus();
  }

  const does = {
    j: () => move(1),
    ArrowDown: () => move(1),
    k: () => move(-1),
    ArrowUp: () => move(-1),
    n: () => follow("next-page"),
    p: () => follow("previous-page"),
    "/": () => document.getElementById("text").select(),
    "?": keys,
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (isText(document.activeElement)) {
      if (event.key === "Escape") document.activeElement.blur();
      return;
    }
    const act = does[event.key];
    if (!act || (event.repeat && "np".includes(event.key))) return;
    event.preventDefault();
    act();
  });
})();
