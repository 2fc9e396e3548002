"""What people gain and lose after their start."""

from collections.abc import Callable
from fractions import Fraction

from agents.embedded.quantities import phrases
from agents.embedded.quantities.fitting import fitting_fraction, fitting_percent
from agents.embedded.quantities.starts import convert, large
from agents.embedded.quantities.story import DeadEnd, Story, Strand


def gain(story: Story, strand: Strand) -> None:
    """Let a person get more."""
    noun = story.noun
    now = story.values[strand.now]
    extra = story.multiple(now * 11 / 10 + 1, now * 8 / 5 + 10 * story.step) - now
    words = {"h": strand.holder, "n": noun.amount(extra), "more": noun.difference(extra)}
    story.say(phrases.GAIN, was=noun.was, **words)
    leaf = story.leaf(f"more {noun.measured}", noun.measured, extra)
    _gained(story, strand, leaf)


def gain_large_unit(story: Story, strand: Strand) -> None:
    """Let a person get more, told in the large unit."""
    now = story.values[strand.now]
    extra = story.multiple(now * 11 / 10 + 1, now * 8 / 5 + 10 * story.step) - now
    more = f"more {story.noun.measured}"
    amount, leaf = convert(story, int(extra), f"more {large(story).measured}", more)
    factor = story.scale.factor if story.scale else 1
    words = {"h": strand.holder, "n": amount, "more": large(story).difference(extra / factor)}
    story.say(phrases.GAIN, was=story.noun.was, **words)
    _gained(story, strand, leaf)


def _gained(story: Story, strand: Strand, extra: str) -> None:
    strand.state = "grew" if strand.state in ("did", "grew") else "had"
    end = f"{story.past} in all" if strand.state == "grew" else "then had"
    label = f"{story.noun.measured} {strand.holder} {end}"
    strand.now = story.derive(label, story.noun, "add", strand.now, extra)


def remaining(story: Story, now: Fraction) -> Fraction:
    """Draw how much is taken away, so that a fair amount is left."""
    return now - story.multiple(max(now / 4, Fraction(3)), now * 9 / 10)


def lose(story: Story, strand: Strand) -> None:
    """Let a person lose some."""
    noun = story.noun
    gone = remaining(story, story.values[strand.now])
    if gone < 2:
        raise DeadEnd
    lost = _tell_loss(story, strand, noun.amount(gone), noun.size(gone))
    _lost(story, strand, story.leaf(f"{noun.measured} {lost}", noun.measured, gone))


def lose_large_unit(story: Story, strand: Strand) -> None:
    """Let a person lose some, told in the large unit."""
    gone = remaining(story, story.values[strand.now])
    if story.scale is None or gone < story.step:
        raise DeadEnd
    noun = large(story)
    label = f"{story.noun.measured} taken away"
    amount, leaf = convert(story, int(gone), f"{noun.measured} taken away", label)
    _tell_loss(story, strand, amount, noun.size(gone / story.scale.factor))
    _lost(story, strand, leaf)


def _tell_loss(story: Story, strand: Strand, amount: str, size: str) -> str:
    _, lost, lost_part = story.pick(*story.setting.drops).split("/")
    story.say(
        phrases.LOSE,
        h=strand.holder,
        hs=f"{strand.holder}'s",
        n=amount,
        size=size,
        things=story.noun.many,
        was=story.noun.was,
        lost=lost,
        lost_part=lost_part,
    )
    return lost_part


def lose_fraction(story: Story, strand: Strand) -> None:
    """Let a person lose a fraction of what is there."""
    share = fitting_fraction(story, story.values[strand.now])
    lost = _tell_loss_of_part(story, strand, str(share))
    leaf = story.leaf("fraction", "fraction", share)
    _lost(story, strand, story.derive(lost, story.noun, "fraction_of", strand.now, leaf))


def lose_percent(story: Story, strand: Strand) -> None:
    """Let a person lose a percentage of what is there."""
    share = fitting_percent(story, story.values[strand.now])
    lost = _tell_loss_of_part(story, strand, f"{share}%")
    leaf = story.leaf("percentage", "percent", share)
    _lost(story, strand, story.derive(lost, story.noun, "percent_of", strand.now, leaf))


def _tell_loss_of_part(story: Story, strand: Strand, share: str) -> str:
    _, _, lost_part = story.pick(*story.setting.drops).split("/")
    words = {"h": strand.holder, "hs": f"{strand.holder}'s", "share": share}
    rest = "remaining " if strand.state in ("left", "had") else ""
    things = rest + story.noun.many
    story.say(phrases.LOSE_PART, things=things, was=story.noun.was, lost_part=lost_part, **words)
    return f"{story.noun.measured} {lost_part}"


def _lost(story: Story, strand: Strand, gone: str) -> None:
    label = f"{story.noun.measured} {strand.holder} had left"
    strand.now = story.derive(label, story.noun, "subtract", strand.now, gone)
    strand.state = "left"


CHANGE_MOVES: dict[str, Callable[[Story, Strand], None]] = {
    "gain": gain,
    "lose": lose,
    "lose_fraction": lose_fraction,
    "lose_percent": lose_percent,
    "gain_large_unit": gain_large_unit,
    "lose_large_unit": lose_large_unit,
}
