"""How a person starts: with an amount, with packs of an amount, at a pace, or in a larger unit.

Each move draws its numbers, adds its quantities and tells its facts. A newcomer may expect numbers
first and words later; they are made together, because only the move knows what its numbers mean.
"""

from collections.abc import Callable
from fractions import Fraction

from agents.embedded.quantities import phrases
from agents.embedded.quantities.story import DeadEnd, Story
from agents.embedded.quantities.wording import Noun


def began(story: Story, holder: str) -> str:
    """Return the label of what a person started with."""
    return f"{story.noun.measured} {holder} {story.past}"


def usual(story: Story) -> int:
    """Draw a usual first amount."""
    if story.scale:
        return story.multiple(story.scale.least, story.scale.most)
    return story.multiple(12, max(96, 6 * story.grain))


def given(story: Story, holder: str) -> str:
    """Tell an amount."""
    noun = story.noun
    value = usual(story)
    known = story.facts
    words = {"h": holder, "n": noun.amount(Fraction(value)), "was": noun.was}
    story.say(phrases.ALSO_GIVEN if known else phrases.GIVEN, **words)
    return story.leaf(began(story, holder), noun.measured, value)


def groups(story: Story, holder: str) -> str:
    """Tell so many packs of so many."""
    noun = story.noun
    total = story.multiple(2 * usual(story) // 3, story.noun.most // 4)
    count = story.divisor(Fraction(total, story.step), 3, 9)
    size = total // count
    if size < 3 or (not story.scale and size > 40):
        raise DeadEnd
    pack, packs = story.pick(*story.setting.packs).split("/")
    story.say(
        phrases.GROUPS,
        h=holder,
        pack=pack,
        packs=f"{count} {packs}",
        n=noun.amount(Fraction(size)),
        things=noun.many,
        was=noun.was,
        were="were",
    )
    each = story.leaf(f"{noun.measured} in each {pack}", noun.measured, size)
    number = story.leaf(packs, packs, count)
    return story.derive(began(story, holder), noun, "multiply", number, each)


def pace(story: Story, holder: str) -> str:
    """Tell so many an hour, for so many hours."""
    noun = story.noun
    fastest = story.setting.fastest
    total = story.multiple(9, 9 * fastest)
    fits = [h for h in range(2, 10) if total % h == 0 and 3 <= total / h <= fastest]
    if not fits:
        raise DeadEnd
    hours = story.rng.choice(fits)
    speed = total // hours
    story.say(
        phrases.PACE,
        h=holder,
        n=noun.amount(Fraction(speed)),
        hours=f"{hours} hours",
    )
    each = story.leaf(f"{noun.measured} an hour", f"{noun.measured} an hour", speed)
    number = story.leaf("hours", "hours", hours)
    return story.derive(began(story, holder), noun, "at_rate", each, number)


def large(story: Story) -> Noun:
    """Return the noun in its large unit: kilograms instead of grams."""
    if story.scale is None:
        raise DeadEnd
    noun = story.noun
    return Noun(noun.one, noun.many, story.scale.large, story.scale.large_name)


def convert(story: Story, value: int, label: str, converted: str) -> tuple[str, str]:
    """Add an amount that is told in the large unit and converted to the small one.

    Returns:
        The amount as it is told, and the name of the quantity in the small unit.
    """
    noun = large(story)
    factor = story.scale.factor if story.scale else 1
    told = Fraction(value, factor)
    leaf = story.leaf(label, noun.measured, told)
    per_large = story.leaf(f"{story.noun.unit_name} to the larger unit", "factor", factor)
    return noun.amount(told), story.derive(converted, story.noun, "to_smaller", leaf, per_large)


def large_unit(story: Story, holder: str) -> str:
    """Tell an amount in the large unit."""
    label = f"{large(story).measured} {holder} {story.past}"
    amount, name = convert(story, usual(story), label, began(story, holder))
    known = story.facts
    table = phrases.ALSO_GIVEN if known else phrases.GIVEN
    story.say(table, h=holder, n=amount, was=story.noun.was)
    return name


START_MOVES: dict[str, Callable[[Story, str], str]] = {
    "given": given,
    "groups": groups,
    "pace": pace,
    "large_unit": large_unit,
}
