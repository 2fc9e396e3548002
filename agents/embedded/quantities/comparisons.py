"""How a person starts by comparison with another: more, times as many, a share, a ratio."""

from collections.abc import Callable
from fractions import Fraction

from agents.embedded.quantities import phrases
from agents.embedded.quantities.fitting import RATIOS, fitting_fraction, fitting_percent
from agents.embedded.quantities.starts import began
from agents.embedded.quantities.story import DeadEnd, Story, Strand


def differ(story: Story, holder: str, other: Strand) -> str:
    """Tell an amount by its difference from another's."""
    noun = story.noun
    theirs = story.values[other.first]
    mine = story.multiple(max(theirs * 2 / 5, Fraction(story.step * 3)), theirs * 8 / 5)
    gap = mine - theirs
    if abs(gap) < 2:
        raise DeadEnd
    backwards = len(story.shape.moves) > 2 and story.rng.randrange(3) == 0
    story.say(
        phrases.DIFFER_REVERSED if backwards else phrases.DIFFER,
        h=holder,
        g=other.holder,
        diff=noun.difference(-gap if backwards else gap),
        was=noun.was,
    )
    leaf = story.leaf(f"difference from {other.holder}", noun.measured, abs(gap))
    op = "add" if gap > 0 else "subtract"
    return story.derive(began(story, holder), noun, op, other.first, leaf)


def times(story: Story, holder: str, other: Strand) -> str:
    """Tell an amount as a multiple of another's, or another's as a multiple of it."""
    noun = story.noun
    theirs = story.values[other.first]
    fits = [k for k in range(3, 7) if theirs % (k * story.step) == 0 and theirs / k >= 3]
    backwards = bool(fits) and story.rng.randrange(2) == 0
    factor = story.rng.choice(fits) if backwards else story.rng.randint(3, 6)
    story.say(
        phrases.TIMES_REVERSED if backwards else phrases.TIMES,
        h=holder,
        g=other.holder,
        k=str(factor),
        as_many=noun.as_many,
        was=noun.was,
    )
    leaf = story.leaf("how many times as many", "times", factor)
    op = "divide" if backwards else "multiply"
    return story.derive(began(story, holder), noun, op, other.first, leaf)


def part_of_other(story: Story, holder: str, other: Strand) -> str:
    """Tell an amount as a fraction of another's."""
    share = fitting_fraction(story, story.values[other.first])
    _tell_part_of_other(story, holder, other, str(share))
    leaf = story.leaf("fraction", "fraction", share)
    return story.derive(began(story, holder), story.noun, "fraction_of", other.first, leaf)


def percent_of_other(story: Story, holder: str, other: Strand) -> str:
    """Tell an amount as a percentage of another's."""
    share = fitting_percent(story, story.values[other.first])
    _tell_part_of_other(story, holder, other, f"{share}%")
    leaf = story.leaf("percentage", "percent", share)
    return story.derive(began(story, holder), story.noun, "percent_of", other.first, leaf)


def _tell_part_of_other(story: Story, holder: str, other: Strand, share: str) -> None:
    noun = story.noun
    words = {"h": holder, "g": other.holder, "share": share, "things": noun.many}
    story.say(phrases.PART_OF_OTHER, as_many=noun.as_many, **words)


def percent_change(story: Story, holder: str, other: Strand) -> str:
    """Tell an amount as so many percent more or less than another's."""
    noun = story.noun
    share = fitting_percent(story, story.values[other.first])
    more = story.rng.randrange(2) == 0
    story.say(
        phrases.PERCENT_CHANGE,
        h=holder,
        g=other.holder,
        share=f"{share}%",
        word="more" if more else "fewer",
        things=noun.many,
    )
    leaf = story.leaf("percentage", "percent", share)
    change = f"{noun.measured} in the difference"
    gap = story.derive(change, noun, "percent_of", other.first, leaf)
    op = "add" if more else "subtract"
    return story.derive(began(story, holder), noun, op, other.first, gap)


def for_every(story: Story, holder: str, other: Strand) -> str:
    """Tell an amount by its ratio to another's."""
    whole = story.values[other.first]
    fits = [(a, b) for a, b in RATIOS if whole % a == 0 and a > 1 and b > 1]
    if not fits:
        raise DeadEnd
    theirs, mine = story.rng.choice(fits)
    words = {"h": holder, "g": other.holder, "things": story.noun.many}
    story.say(phrases.FOR_EVERY, theirs=str(theirs), mine=str(mine), **words)
    args = (story.leaf("their term", "parts", theirs), story.leaf("own term", "parts", mine))
    return story.derive(began(story, holder), story.noun, "in_proportion", other.first, *args)


COMPARISON_MOVES: dict[str, Callable[[Story, str, Strand], str]] = {
    "differ": differ,
    "times": times,
    "part_of_other": part_of_other,
    "percent_of_other": percent_of_other,
    "percent_change": percent_change,
    "for_every": for_every,
}
