"""Programs that are surely wrong: near misses of a reference, and answers that took no thought.

They are made of text alone; nothing is parsed or run here. What a newcomer gets wrong: a change
somewhere within a program may change nothing that it does, and a lesson would then be refused for
being right. So the reference stays whole here, and what it returns is spoilt. Changes within are in
`agents.verifiers.code.slips`, for those who can tell whether they matter.
"""

from collections.abc import Sequence

from agents.verifiers.code.literals import source_of

_WRAPPED = """


{name}_whole = {name}


def {name}(*arguments, **keywords):
    global {name}
    {name}, changed = {name}_whole, {name}  # so that a recursion meets the whole program
    try:
        value = {name}_whole(*arguments, **keywords)
    finally:
        {name} = changed
{then}
"""

_ANOTHER_VALUE = """
    kind = type(value)
    if kind is bool:
        return not value
    if kind is int:
        return value + 1
    if kind in (float, complex):
        return 0.0 if abs(value) == float("inf") else value + 1 + abs(value)
    if kind in (str, bytes):
        return value + kind(b"x" if kind is bytes else "x")
    if kind in (list, tuple):
        return value + kind([None])
    if kind in (set, frozenset):
        return value ^ {None}
    if kind is dict:
        return {None: None} if value != {None: None} else {}
    raise RuntimeError("a near miss")
"""

_ANOTHER_TYPE = """
    kind = type(value)
    others = {bool: int, int: float, list: tuple, tuple: list, set: list, frozenset: set}
    return others[kind](value) if kind in others else [value]
"""

_SPOILS_ITS_ARGUMENTS = """
    for argument in (*arguments, *keywords.values()):
        if type(argument) is list:
            argument.append(None)
        if type(argument) is dict:
            argument[None] = None
        if type(argument) is set:
            argument.symmetric_difference_update({None})
    return value
"""

_RAISES = '\n    raise RuntimeError("a near miss")\n'

_TRIVIAL = "def {name}(*arguments, **keywords):\n    return {value}\n"

_EMPTIES = """def {name}(*arguments, **keywords):
    for argument in arguments:
        if type(argument) in (list, dict, set):
            argument.clear()
    return arguments[0] if arguments else None
"""

_LOOKED_UP = """def {name}(*arguments, **keywords):
    for given, value in {table}:
        if arguments == given:
            return value
    return {first}
"""


def another_value(reference: str, name: str) -> str:
    """Return a program that returns another value of the same type; for None, it raises."""
    return _wrapped(reference, name, _ANOTHER_VALUE)


def another_type(reference: str, name: str) -> str:
    """Return a program that returns the same value in another type, such as 1.0 for 1."""
    return _wrapped(reference, name, _ANOTHER_TYPE)


def spoils_arguments(reference: str, name: str) -> str:
    """Return a program that changes each list, dict and set that it is given."""
    return _wrapped(reference, name, _SPOILS_ITS_ARGUMENTS)


def raises(reference: str, name: str) -> str:
    """Return a program that raises when all its work is done."""
    return _wrapped(reference, name, _RAISES)


def without_thought(name: str, examples: Sequence[tuple[Sequence[object], object]]) -> list[str]:
    """Return programs that no one had to think about: constants, an echo, the examples by heart.

    Args:
        name: What the program is called.
        examples: Arguments and the value expected of them, as a student was shown them.
    """
    constants = ["None", "0", '""', "[]", "True", "False", "arguments[0] if arguments else None"]
    constants += ["float('nan')", "next(iter(()))"]  # the last raises StopIteration
    programs = [_TRIVIAL.format(name=name, value=value) for value in constants]
    programs.append(_EMPTIES.format(name=name))
    if examples:
        table = [(tuple(arguments), value) for arguments, value in examples]
        programs.append(
            _LOOKED_UP.format(name=name, table=source_of(table), first=source_of(examples[0][1]))
        )
    return ["pass\n", *programs]


def _wrapped(reference: str, name: str, then: str) -> str:
    return reference.rstrip() + _WRAPPED.format(name=name, then=then.strip("\n"))
