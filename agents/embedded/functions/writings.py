"""Texts: who writes them, and what they look like in an example.

What a newcomer gets wrong: examples are made of these sentences, but the hidden texts are drawn
letter by letter, with doubled spaces and odd capitals, because these are where programs go wrong.
"""

from typing import NamedTuple

from agents.embedded.functions.family import Argument, Options, choice, text


class Writing(NamedTuple):
    """A kind of text."""

    name: str
    """The name of the parameter."""
    stories: tuple[str, str]


WRITINGS = {
    each.name: each
    for each in (
        Writing("message", (
            "A chat room looks at every message that comes in.",
            "A pager shows one short message after another.",
        )),
        Writing("line", (
            "A poet counts and weighs the words of every line.",
            "A choir's songbook is checked line by line.",
        )),
        Writing("title", (
            "A library takes in the title of each new book.",
            "A film festival prints every title in its programme.",
        )),
        Writing("slogan", (
            "A sign painter is paid by what a slogan is made of.",
            "Before a slogan goes onto a lorry, somebody looks at it closely.",
        )),
        Writing("note", (
            "Somebody finds a note on the fridge and plays with its words.",
            "A detective examines a note that was left at the door.",
        )),
        Writing("caption", (
            "A museum keeps a caption for each of its pictures.",
            "Under every photo of a newspaper stands a caption.",
        )),
        Writing("motto", (
            "A club votes on a motto.",
            "Every coat of arms has a motto on a ribbon.",
        )),
        Writing("riddle", (
            "A paper prints one riddle a day, and its editor has odd rules.",
            "The answer to a riddle hides in its letters.",
        )),
        Writing("telegram", (
            "In a play a telegram is read out on the stage.",
            "An old post office still takes in a telegram now and then.",
        )),
        Writing("proverb", (
            "A calendar has a proverb for every day.",
            "A linguist collects proverbs and feeds them to a program one by one.",
        )),
    )
}  # fmt: skip
ALL_WRITINGS: Options = list(WRITINGS)
SENTENCES: tuple[str, ...] = (
    "An old owl sat in an oak",
    "Bring the big boat to Bergen",
    "Every Eel Eats Early",
    "The tea is hot and the toast is not",
    "Seven small snails slept soundly",
    "I saw Isa in Iceland",
    "Open the ORANGE umbrella",
    "Rain  again in Rotterdam",
    "Do not feed the otters",
    "To be at the station at ten",
    "Uncle Umberto sings tenor",
    "Late trains stop at no station",
    "Nine nuts   for Nora",
    "Ask Anna about the attic",
    "Small dogs bark and old dogs nod",
    "Green tea tastes of grass",
    "On Sunday Oscar irons shirts",
    "A nest in the east",
    "Tom took the tram to Turin",
    "Leave the letter under the stone",
    "Ellen and Otto ate an apple",
    "It rains on Ireland too",
    "Most ants sleep in autumn",
    "Bees need trees",
)
_SHOWN = choice(*SENTENCES)
_WORDS = choice(*sorted({word for each in SENTENCES for word in each.split()}))


def sentence(writing: Writing, alphabet: str, length: int) -> Argument:
    """Return the parameter that holds a sentence; hidden ones are drawn from an alphabet."""
    return Argument(writing.name, "str", text(alphabet, length), _SHOWN)
