// Keeps the live part of a page up while its run goes on and the page is looked at.
"use strict";

const EVERY = 2000;
const SLOWEST = 15000;
let pause = EVERY;
let waiting = null;

function live() {
  return document.getElementById("live");
}

function goesOn() {
  return live() !== null && live().dataset.live === "yes" && !document.hidden;
}

// Whoever has marked text in the page is reading it: it is not taken from under them.
function isRead() {
  const marked = document.getSelection();
  return marked !== null && !marked.isCollapsed && live().contains(marked.anchorNode);
}

// What had the focus has it again, so that the keyboard stays where it was.
function replace(fresh) {
  const focused = live().contains(document.activeElement) ? document.activeElement : null;
  const address = focused === null ? null : focused.getAttribute("href");
  live().replaceWith(fresh);
  if (address === null) {
    return;
  }
  for (const link of fresh.querySelectorAll("a[href]")) {
    if (link.getAttribute("href") === address) {
      link.focus({ preventScroll: true });
      return;
    }
  }
}

function say(text) {
  const place = document.getElementById("lost");
  if (place !== null) {
    place.textContent = text;
  }
}

async function look() {
  const address = new URL(location.href);
  address.searchParams.set("part", "live");
  address.searchParams.delete("format");
  try {
    const answer = await fetch(address, { headers: { Accept: "text/html" } });
    if (!answer.ok) {
      throw new Error(String(answer.status));
    }
    const text = await answer.text();
    const fresh = new DOMParser().parseFromString(text, "text/html").getElementById("live");
    if (fresh !== null && !isRead()) {
      replace(document.adoptNode(fresh));
    }
    pause = EVERY;
  } catch {
    say("The server does not answer; this may be old.");
    pause = Math.min(pause * 2, SLOWEST);
  }
  wait();
}

function wait() {
  clearTimeout(waiting);
  waiting = goesOn() ? setTimeout(look, pause) : null;
}

document.addEventListener("visibilitychange", () => {
  if (goesOn()) {
    clearTimeout(waiting);
    look();
  } else {
    wait();
  }
});
wait();
