"""Set out a function's specification as a question, in one of several forms.

What a newcomer gets wrong: every form says the same, so nothing that matters may stand in one of
them only.
"""

from collections.abc import Sequence

from agents.embedded.functions.family import Argument, Kata

Example = tuple[tuple[object, ...], object]
"""Arguments, and what the function returns for them."""
INSTRUCTION = (
    "Write the whole function in Python. End your reply with it, in a block that begins with the "
    "line ```python and ends with the line ```; the last such block counts."
)
PATTERN = r"^```python[ \t\r]*\n((?:(?!```)[^\n]*\n)*+)(?=```)"
"""Finds that block. A line of it never begins with a fence, so that it is read only once."""
_KINDS = {
    "int": "the whole number",
    "str": "the text",
    "list[int]": "the list of whole numbers",
    "list[str]": "the list of texts",
    "dict[str, int]": "the dict",
    "list[tuple[str, int]]": "the list of pairs",
    "list[tuple[str, str, int]]": "the list of triples",
}


def question(kata: Kata, form: int, examples: Sequence[Example]) -> str:
    """Return the whole question.

    Args:
        kata: What is asked.
        form: Which of the `FORMS`.
        examples: At least two.
    """
    return (_in_prose, _as_a_gap, _signature_first, _as_a_sheet)[form](kata, examples)


def _in_prose(kata: Kata, examples: Sequence[Example]) -> str:
    calls = [f"`{_call(kata, given)}` returns `{value!r}`" for given, value in examples]
    return (
        f"{kata.story} Write a function `{kata.name}` that takes {_taken(kata.arguments)} and "
        f"returns {kata.wanted}. {' '.join(kata.notes)}\n\nIts first line is "
        f"`{_signature(kata)}`\n\nFor example, {_all(calls)}."
    )


def _as_a_gap(kata: Kata, examples: Sequence[Example]) -> str:
    notes = "\n".join(f"- {note}" for note in kata.notes)
    calls = "\n".join(f"    >>> {_call(kata, given)}\n    {value!r}" for given, value in examples)
    return (
        f"{kata.story}\n\nComplete this function, so that it returns {kata.wanted}:\n\n"
        f"    {_signature(kata)}\n        ...\n\nMind the details:\n\n{notes}\n\n"
        f"This is how it is used:\n\n{calls}"
    )


def _signature_first(kata: Kata, examples: Sequence[Example]) -> str:
    calls = "\n".join(f"- `{_call(kata, given)}` is `{value!r}`" for given, value in examples)
    return (
        f"Wanted: a function with the signature `{_signature(kata).removesuffix(':')}`.\n\n"
        f"{kata.story} What the function has to return is {kata.wanted}. {' '.join(kata.notes)}"
        f"\n\nSome of its values:\n\n{calls}"
    )


def _as_a_sheet(kata: Kata, examples: Sequence[Example]) -> str:
    rules = "\n".join(f"{number}. {note}" for number, note in enumerate(kata.notes, 1))
    calls = "\n".join(f"    {_call(kata, given)} -> {value!r}" for given, value in examples)
    return (
        f"{kata.name}\n\n{kata.story} Given {_taken(kata.arguments)}, find {kata.wanted}.\n\n"
        f"Rules\n{rules}\n\nSignature\n    {_signature(kata)}\n\nExamples\n{calls}"
    )


def _signature(kata: Kata) -> str:
    arguments = ", ".join(f"{each.name}: {each.kind}" for each in kata.arguments)
    return f"def {kata.name}({arguments}) -> {kata.returns}:"


def _taken(arguments: Sequence[Argument]) -> str:
    """Return the parameters as prose tells them."""
    if len(arguments) > 1 and {each.kind for each in arguments} == {"int"}:
        return f"the whole numbers {_all([f'`{each.name}`' for each in arguments])}"
    return _all([f"{_KINDS[each.kind]} `{each.name}`" for each in arguments])


def _call(kata: Kata, given: tuple[object, ...]) -> str:
    return f"{kata.name}({', '.join(map(repr, given))})"


def _all(phrases: Sequence[str]) -> str:
    *first, last = phrases
    return f"{', '.join(first)} and {last}" if first else last
