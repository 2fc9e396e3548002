"""A page of a real browser, and everything that went wrong in it."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Dialog, Page, Request

_RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
_FOUND = """() => {
    const found = new Set(), outward = [];
    for (const one of document.querySelectorAll("*")) {
        const name = one.namespaceURI.split("/").pop() + ":" + one.localName;
        found.add(name);
        for (const each of one.attributes) {
            found.add(name + " " + each.name);
            if (/^(xlink:)?href$|^src$|^action$|^formaction$|^data$|^poster$/.test(each.name))
                outward.push(each.value);
        }
    }
    const title = document.title, hacked = window.hacked ?? null;
    return {found: [...found].sort(), outward, title, hacked};
}"""
_POKE = """() => {
    for (const one of document.querySelectorAll("details")) one.open = true;
    for (const one of document.querySelectorAll("main *")) {
        for (const kind of ["mouseover", "mouseenter", "pointerover", "focus", "toggle", "error"])
            one.dispatchEvent(new Event(kind));
        if (one.tabIndex >= 0) one.focus();
    }
}"""


_MARK = """() => {
    const wanted =
        "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]";
    let n = 0;
    for (const one of document.querySelectorAll(wanted)) {
        const seen = one.checkVisibility({visibilityProperty: true, contentVisibilityAuto: true});
        if (!seen || one.disabled || one.tabIndex < 0) continue;
        if (one.type === "radio") {  // a group is one stop, and arrows go on in it
            const group = `input[type=radio][name="${CSS.escape(one.name)}"]`;
            const taken = document.querySelector(`${group}:checked`);
            if (one !== (taken ?? document.querySelector(group))) continue;
        }
        one.dataset.wanted = n++;
    }
    document.activeElement.blur();
    return n;
}"""
_HERE = """() => {
    const one = document.activeElement;
    if (one === null || one === document.body) return null;
    const look = getComputedStyle(one), said = one.localName + " " + one.textContent.slice(0, 40);
    const box = one.getBoundingClientRect();
    const drawn = one.querySelector(".box");  // of a picture, where the border is what shows it
    const ring = (look.outlineStyle !== "none" && parseFloat(look.outlineWidth) > 0) ||
        (drawn !== null && parseFloat(getComputedStyle(drawn).strokeWidth) >= 2);
    const isIn = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
    const shows = isIn && (ring || look.boxShadow !== "none");
    return {number: one.dataset.wanted ?? null, said, shows};
}"""


@dataclass
class Found:
    """What a page is made of."""

    found: list[str]
    """Elements, as "xhtml:p", and their attributes, as "xhtml:p class"."""
    outward: list[str]
    """Where it leads, as its attributes say it."""
    title: str
    hacked: Any


@dataclass
class Watched:
    """A page that remembers what went wrong since it was opened."""

    page: Page
    address: str
    """Of the server; requests to others are wrong."""
    wrongs: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("dialog", self._dialog)
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.wrongs.append(f"error: {error}"))
        self.page.on("request", self._asked)
        self.page.on("popup", lambda popup: self.wrongs.append(f"popup: {popup.url}"))
        self.page.on("download", lambda got: self.wrongs.append(f"download: {got.url}"))

    def go(self, path: str) -> "Watched":
        """Go to a page of the server, or to a whole address."""
        self.page.goto(path if ":" in path[:9] else self.address + path)
        return self

    def poke(self) -> "Watched":
        """Open what is folded, and do to every element what would wake a handler."""
        self.page.evaluate(_POKE)
        # Two frames, so that what was woken has run.
        self.page.evaluate("() => new Promise(d => requestAnimationFrame(() => setTimeout(d)))")
        return self

    def made_of(self) -> Found:
        """Return what the page is made of now."""
        return Found(**self.page.evaluate(_FOUND))

    def unreadable(self) -> list[str]:
        """Return what axe holds against the page: rule, element and why, one a line."""
        found = Axe().run(self.page, options=_RULES | {"resultTypes": ["violations"]})
        return [
            f"{each['id']}: {node['target']} {node['failureSummary']}"
            for each in found.response["violations"]
            for node in each["nodes"][:3]
        ]

    def wide(self) -> list[str]:
        """Return what makes the page wider than its window: nothing, if nothing does."""
        return self.page.evaluate("""() => {
            const most = document.documentElement.clientWidth;
            if (document.documentElement.scrollWidth <= most) return [];
            return [...document.querySelectorAll("body *")]
                .filter(one => one.getBoundingClientRect().right > most + 1)
                .map(one => `${one.localName}.${one.className}: ${one.textContent.slice(0, 60)}`)
                .slice(0, 8).concat([`${document.documentElement.scrollWidth} > ${most}`]);
        }""")

    def unreached(self, most: int = 400) -> list[str]:
        """Return what the Tab key does not reach, or reaches without a sign of it."""
        wanted = self.page.evaluate(_MARK)
        reached, wrong = set(), []
        for _ in range(min(wanted, most) + 1):
            self.page.keyboard.press("Tab")
            here = self.page.evaluate(_HERE)
            if here is None or here["number"] in reached:
                break
            reached.add(here["number"])
            wrong += [] if here["shows"] else [f"no sign of focus: {here['said']}"]
        if len(reached - {None}) < min(wanted, most):
            wrong.append(f"reached {len(reached)} of {wanted}, up to {here and here['said']}")
        return wrong

    def _dialog(self, dialog: Dialog) -> None:
        self.wrongs.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.wrongs.append(f"console: {message.text} at {message.location}")

    def _asked(self, request: Request) -> None:
        parts = urlsplit(request.url)
        own = f"{parts.scheme}://{parts.netloc}" == self.address
        if not own and not (parts.scheme == "file" and self.address.startswith("file:")):
            self.wrongs.append(f"request: {request.url}")
