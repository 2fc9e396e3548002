"""Telling a whole story: the shape is walked once, and facts and question become a text."""

from itertools import pairwise
from random import Random

from agents.embedded.quantities import phrases, questions
from agents.embedded.quantities.changes import CHANGE_MOVES
from agents.embedded.quantities.comparisons import COMPARISON_MOVES
from agents.embedded.quantities.graph import Givens
from agents.embedded.quantities.people import FIRST_NAMES
from agents.embedded.quantities.scene import Scene
from agents.embedded.quantities.shape import ALL_MOVES, COMPARISONS, draw_shape
from agents.embedded.quantities.starts import START_MOVES
from agents.embedded.quantities.story import DeadEnd, Story, Strand
from agents.embedded.quantities.tails import TAIL_MOVES, Pool
from agents.embedded.quantities.wording import capital, listed, sentence


def tell(rng: Random, scene: Scene, skill: str, level: int) -> tuple[str, Givens, str]:
    """Draw a story until its numbers come out.

    Returns:
        The text, the givens, and what the asked quantity counts, in words.
    """
    while True:
        story = Story(rng, scene, draw_shape(rng, skill, level, scene.setting))
        try:
            pool = _walk(story, level)
        except DeadEnd:
            continue
        givens = Givens(
            skill=skill,
            level=level,
            asked=pool.quantity,
            form=story.form,
            quantities=tuple(story.quantities),
        )
        return _text(story, pool), givens, pool.noun.measured


def _walk(story: Story, level: int) -> Pool:
    strands: list[Strand] = []
    shape = story.shape
    compared = any(ALL_MOVES[start].divides or start == "times" for start in shape.starts)
    for holder, start, changes in zip(_holders(story), shape.starts, shape.changes, strict=False):
        story.loose = not compared and _changes_freely(changes[:1])
        strands.append(_start(story, holder, start, strands))
    for strand, changes in zip(strands, shape.changes, strict=True):
        for change, after in pairwise((*changes, "")):
            story.loose = _changes_freely((after,))
            CHANGE_MOVES[change](story, strand)
    story.loose = False
    pool = _join(story, strands)
    for phrase in story.rng.sample(phrases.DISTRACTORS, level - 1):
        _distract(story, phrase)
    for tail in shape.tails:
        TAIL_MOVES[tail](story, pool)
    return pool


def _changes_freely(following: tuple[str, ...]) -> bool:
    """Return whether the next change settles divisibility, so that the amount before it is free."""
    return following in (("gain",), ("lose",))


def _holders(story: Story) -> list[str]:
    """Return who takes part, the person of the opening mostly first."""
    names = [n for n in story.rng.sample(FIRST_NAMES, 3) if n != story.scene.hero]
    others = [*names[:2], *story.setting.crews]
    story.rng.shuffle(others)
    if story.rng.randrange(4):
        return [story.scene.hero, *others]
    return others


def _start(story: Story, holder: str, start: str, strands: list[Strand]) -> Strand:
    if start in COMPARISONS:
        other = strands[-1] if story.shape.join == "last" else story.rng.choice(strands)
        first = COMPARISON_MOVES[start](story, holder, other)
    else:
        first = START_MOVES[start](story, holder)
    return Strand(holder, first, first)


def _join(story: Story, strands: list[Strand]) -> Pool:
    if story.shape.join == "together":
        return _together(story, strands)
    if story.shape.join == "difference":
        return _difference(story, strands)
    return _last(story, strands[-1])


def _last(story: Story, strand: Strand) -> Pool:
    table = {
        "did": questions.DID,
        "grew": questions.DID_IN_ALL,
        "left": questions.LEFT,
        "had": questions.HAD,
    }[strand.state]
    rest = "remaining " if strand.state == "left" else ""
    phrase = f"{strand.holder}'s {rest}{story.noun.many}"
    question = _question(story, table, h=strand.holder)
    return Pool(strand.now, story.noun, phrase, strand.holder, question)


def _together(story: Story, strands: list[Strand]) -> Pool:
    did = all(strand.state in ("did", "grew") for strand in strands)
    names = listed([strand.holder for strand in strands])
    table = questions.TOGETHER_DID if did else questions.TOGETHER_HAD
    everybody = story.pick("they", names) if len(strands) < 3 else names
    label = f"{story.noun.measured} in all"
    total = story.derive(label, story.noun, "add", *(s.now for s in strands))
    phrase = f"all the {'' if did else 'remaining '}{story.noun.many}"
    question = _question(story, table, all=everybody)
    return Pool(total, story.noun, phrase, strands[-1].holder, question)


def _difference(story: Story, strands: list[Strand]) -> Pool:
    less, more = sorted(strands, key=lambda strand: story.values[strand.now])
    did = all(strand.state == "did" for strand in strands)
    label = f"how many more {story.noun.measured}"
    gap = story.derive(label, story.noun, "subtract", more.now, less.now)
    table = questions.MORE_DID if did else questions.MORE_HAD
    question = _question(story, table, h=more.holder, g=less.holder)
    return Pool(gap, story.noun, "", more.holder, question)


def _question(story: Story, table: tuple[str, ...], **words: str) -> str:
    noun = story.noun
    known = {"how_many": noun.how_many, "measured": noun.measured, "things": noun.many}
    verbs = {"base": story.base, "past": story.past, "part": story.part}
    more = {"how_many_more": noun.how_many_more}
    return story.rng.choice(table).format(**known, **verbs, **more, **words)


def _distract(story: Story, phrase: str) -> None:
    """Tell a fact that nothing depends on, somewhere after the first."""
    places = len(story.facts)
    told = {q.label for q in story.quantities}
    many = story.pick(
        *(s.split("/")[1] for s in story.setting.sights if s.split("/")[1] not in told)
    )
    value = story.rng.randint(3, 40)
    hero, place = story.scene.hero, story.scene.place
    if "years" not in told and story.rng.randrange(4) == 0:
        story.say(phrases.DISTRACTING_NUMBERS, h=hero, place=place, years=str(value))
        many = "years"
    else:
        story.say((phrase,), h=hero, place=place, n=f"{value} {many}")
    story.facts.insert(story.rng.randint(1, places), story.facts.pop())
    story.leaf(many, many, value, distractor=True)


def _text(story: Story, pool: Pool) -> str:
    facts = list(story.facts)
    question = story.pick(*questions.LEADS) + pool.question
    timed = facts[-1].partition(",")[0] in phrases.LATER
    if pool.conclude and not timed and story.rng.randrange(3) == 0:
        question = f"if {facts.pop()}, {pool.question}"
    lines = [story.scene.opening + ".", *map(sentence, facts), capital(question) + "?"]
    return " ".join(lines)
