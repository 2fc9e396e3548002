"""What a person says of an attempt, read from the form that they sent.

What a newcomer gets wrong: a form may be sent twice, by a second press, by the back button, or
again because no answer came. It carries a number of its own, and the same number is one act. A form
without one gets a number made from what it says and from what was done before it, so that saying
the same again is nothing new.
"""

import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from storage.ids import digest
from storage.people.acts import Act, Said

SKIP = "skip"
"""What stands in the place of a verdict when an attempt is passed over for now."""
_TOKEN = 64
"""Characters of a form's own number."""
_MOST_CRITERIA = 50


@dataclass(frozen=True, slots=True)
class Form:
    """A form that was sent from a page of the review or of a trajectory."""

    verdict: str
    seen_blind: bool
    """Whether the page that it stood on told nothing of what others said."""
    audit: str
    """The id of the audit that asked; empty: none did."""
    back: str
    """"trajectory": it stood on the page of one, which is shown again."""
    token: str
    """Its own number; empty if it has none."""
    fields: FormData

    def said(self) -> Said:
        """Return what it says.

        Raises:
            NotTaken: it says nothing that there is a place for.
        """
        return Said.of(
            status=self.verdict,
            note=text_of(self.fields, "note"),
            critique=text_of(self.fields, "critique"),
            grades=list(_grades(self.fields)),
            first_wrong_step=text_of(self.fields, "first_wrong_step") or None,
        )


def fresh() -> str:
    """Return a number for one form."""
    return secrets.token_urlsafe(18)


def taking_a_form(
    endpoint: Callable[[Request, FormData], Response],
) -> Callable[[Request], Awaitable[Response]]:
    """Return an endpoint that is handed the form of a request, and runs in a thread as others."""

    async def taken(request: Request) -> Response:
        fields = await request.form()
        return await run_in_threadpool(endpoint, request, fields)

    return taken


def form_of(fields: FormData) -> Form:
    """Return the form that a person sent."""
    return Form(
        verdict=text_of(fields, "verdict"),
        seen_blind=text_of(fields, "seen") == "blind",
        audit=text_of(fields, "audit"),
        back=text_of(fields, "back"),
        token=text_of(fields, "act")[:_TOKEN],
        fields=fields,
    )


def token_of(form: Form, said: Said, person: str, attempt_id: str, done: Sequence[Act]) -> str:
    """Return the number of an act: that of its form, or one made of what is said.

    Args:
        form: As it was sent.
        said: What it says.
        person: Who says it.
        attempt_id: Of what.
        done: What was done with the attempt before, oldest first.
    """
    if form.token:
        return form.token
    mine = [act for act in done if act.person == person and act.attempt_id == attempt_id]
    if mine and mine[-1].act == "gave" and is_same(mine[-1], said):
        return mine[-1].token
    last = mine[-1].id if mine else 0
    return digest([person, attempt_id, said.model_dump(mode="json"), last])


def is_same(act: Act, said: Said) -> bool:
    """Return whether an act is what is said."""
    return all(getattr(act, name) == getattr(said, name) for name in Said.model_fields)


def text_of(fields: FormData, name: str) -> str:
    """Return a field of a form, with line feeds alone; empty if it has none."""
    value = fields.get(name, "")
    return value.replace("\r\n", "\n").strip() if isinstance(value, str) else ""


def _grades(fields: FormData) -> list[dict[str, object]]:
    """Return the criteria that were graded; one that was not is no grade, and not 0."""
    names, weights = fields.getlist("criterion"), fields.getlist("weight")
    asked = list(zip(names, weights, strict=False))[:_MOST_CRITERIA]
    return [
        {"criterion": name, "weight": weight, "grade": grade}
        for place, (name, weight) in enumerate(asked, start=1)
        if (grade := text_of(fields, f"grade-{place}"))
    ]


def withdrawal_of(verdict_id: str, person: str) -> str:
    """Return the number of taking a verdict back, which can be done but once."""
    return digest(["withdraw", verdict_id, person])
