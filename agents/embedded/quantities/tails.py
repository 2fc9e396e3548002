"""What becomes of the amount that people come to: packed, shared, paid for, or asked about.

A tail adds its quantity and, unless it is the last, tells what the story goes on with. The last
one's question is asked.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from agents.embedded.quantities import phrases, questions
from agents.embedded.quantities.fitting import fitting_fraction, fitting_percent, fitting_ratio
from agents.embedded.quantities.starts import large
from agents.embedded.quantities.story import DeadEnd, Story
from agents.embedded.quantities.wording import MONEY, Noun, a

PACES = (("hours", "an hour"), ("minutes", "a minute"))


@dataclass
class Pool:
    """What the story has come to."""

    quantity: str
    """Name of the quantity."""
    noun: Noun
    phrase: str
    """How it is called, such as "all the rolls" or "Rosa's rolls"."""
    holder: str
    """Whoever has it; the last person if it is everybody's."""
    question: str = ""
    """What the story would ask if it ended here, without the question mark."""
    conclude: bool = False
    """True: the last fact and the question may become one sentence."""


def ask(story: Story, pool: Pool, table: tuple[str, ...], noun: Noun, **words: str) -> None:
    """Set the question of a pool."""
    known = {"measured": noun.measured, "things": noun.many, "how_many": noun.how_many}
    known["pool"] = pool.phrase
    verbs = {"base": story.base, "past": story.past, "part": story.part}
    pool.question = story.rng.choice(table).format(**known | verbs | words)
    pool.conclude = True


def trait_fraction(story: Story, pool: Pool) -> None:
    """Go on with a fraction that has a trait."""
    share = fitting_fraction(story, story.values[pool.quantity])
    _with_trait(story, pool, _tell_trait(story, pool, str(share)), "fraction_of", share)


def trait_percent(story: Story, pool: Pool) -> None:
    """Go on with a percentage that has a trait."""
    share = fitting_percent(story, story.values[pool.quantity])
    _with_trait(story, pool, _tell_trait(story, pool, f"{share}%"), "percent_of", share)


def rest_fraction(story: Story, pool: Pool) -> None:
    """Ask for those that lack a trait, which a fraction has."""
    share = fitting_fraction(story, story.values[pool.quantity])
    _without_trait(story, pool, _tell_trait(story, pool, str(share)), "fraction_of", share)


def rest_percent(story: Story, pool: Pool) -> None:
    """Ask for those that lack a trait, which a percentage has."""
    share = fitting_percent(story, story.values[pool.quantity])
    _without_trait(story, pool, _tell_trait(story, pool, f"{share}%"), "percent_of", share)


def _tell_trait(story: Story, pool: Pool, share: str) -> str:
    trait = story.pick(*story.setting.traits)
    was = pool.noun.was
    story.say(phrases.TRAIT, share=share, pool=pool.phrase, was=was, trait=trait)
    return trait


def _take_part(story: Story, pool: Pool, trait: str, op: str, share: Fraction | int) -> str:
    kind = "fraction" if op == "fraction_of" else "percent"
    leaf = story.leaf(kind, kind, share)
    return story.derive(f"{trait} {pool.noun.many}", pool.noun, op, pool.quantity, leaf)


def _with_trait(story: Story, pool: Pool, trait: str, op: str, share: Fraction | int) -> None:
    pool.quantity = _take_part(story, pool, trait, op, share)
    ask(story, pool, questions.TRAIT, pool.noun, trait=trait)
    pool.noun = Noun(f"{trait} {pool.noun.one}", f"{trait} {pool.noun.many}")
    pool.phrase = f"the {pool.noun.many}"


def _without_trait(story: Story, pool: Pool, trait: str, op: str, share: Fraction | int) -> None:
    part = _take_part(story, pool, trait, op, share)
    label = f"{pool.noun.many} that were not {trait}"
    pool.quantity = story.derive(label, pool.noun, "subtract", pool.quantity, part)
    ask(story, pool, questions.NOT_TRAIT, pool.noun, trait=trait)


def what_fraction(story: Story, pool: Pool) -> None:
    """Ask what fraction has a trait."""
    share = fitting_fraction(story, story.values[pool.quantity])
    _what_share(story, pool, share, "fraction")
    story.form = "fraction"


def what_percent(story: Story, pool: Pool) -> None:
    """Ask what percentage has a trait."""
    share = fitting_percent(story, story.values[pool.quantity])
    _what_share(story, pool, Fraction(share, 100), "percent")
    story.form = "percent"


def _what_share(story: Story, pool: Pool, share: Fraction, kind: str) -> None:
    noun = pool.noun
    part = story.values[pool.quantity] * share
    if part < 2:
        raise DeadEnd
    trait = _tell_trait(story, pool, str(part))
    leaf = story.leaf(f"{trait} {noun.many}", noun.measured, part)
    word = {"fraction": "fraction", "percent": "percentage"}[kind]
    label = f"{word} of {trait} {noun.many}"
    pool.quantity = story.conclude(label, kind, f"as_{kind}", leaf, pool.quantity)
    ask(story, pool, questions.WHAT_SHARE, noun, trait=trait, share=word)


def pack(story: Story, pool: Pool) -> None:
    """Go on with packs of a size."""
    value, noun = story.values[pool.quantity], pool.noun
    size = story.divisor(value / story.step, 3, 12) * story.step
    one, many = story.pick(*story.setting.packs).split("/")
    if story.setting.packing:
        words = {"packing": story.setting.packing, "packs": many, "was": noun.was}
        story.say(phrases.DIVIDE_INTO, pool=pool.phrase, size=noun.size(Fraction(size)), **words)
        ask(story, pool, questions.DIVIDED_INTO, noun, packs=many)
    else:
        # That the packs are filled may be left to the question, but only if it is asked here.
        table = phrases.PACK if story.shape.tails[-1] == "pack" else phrases.FILLED
        n = noun.amount(Fraction(size))
        story.say(table, pack=one, packs=many, pool=pool.phrase, n=n)
        ask(story, pool, questions.PACKED, noun, packs=many)
    leaf = story.leaf(f"{noun.measured} in each {one}", noun.measured, size)
    pool.quantity = story.derive(f"{many} needed", Noun(one, many), "divide", pool.quantity, leaf)
    pool.noun, pool.phrase = Noun(one, many), f"the {many}"


def share(story: Story, pool: Pool) -> None:
    """Ask what each gets of equal shares."""
    noun = pool.noun
    count = story.divisor(story.values[pool.quantity], 3, 12)
    one, many = story.pick(*story.setting.takers).split("/")
    takers = f"{count} {many}"
    story.say(phrases.SHARE, pool=pool.phrase, was=noun.was, takers=takers)
    leaf = story.leaf(many, many, count)
    label = f"{noun.measured} for each {one}"
    pool.quantity = story.derive(label, noun, "divide", pool.quantity, leaf)
    ask(story, pool, questions.SHARED, noun, taker=one)


def split(story: Story, pool: Pool) -> None:
    """Ask what one of two gets who share in a ratio."""
    noun = pool.noun
    terms = fitting_ratio(story, story.values[pool.quantity])
    takers = [t.split("/")[0] for t in story.rng.sample(story.setting.takers, 2)]
    first, second = (str(term) for term in terms)
    words = {"one": a(takers[0]), "other": a(takers[1]), "a": first, "b": second}
    story.say(phrases.SPLIT, pool=pool.phrase, was=noun.was, **words)
    leaves = [
        story.leaf(f"parts for the {t}", "parts", n) for t, n in zip(takers, terms, strict=True)
    ]
    part = story.derive(f"{noun.measured} in one part", noun, "one_part", pool.quantity, *leaves)
    asked = story.rng.randrange(2)
    label = f"{noun.measured} for the {takers[asked]}"
    args = (leaves[asked], leaves[1 - asked])
    pool.quantity = story.derive(label, noun, "ratio_share", part, *args)
    ask(story, pool, questions.SPLIT, noun, taker=takers[asked])


def price(story: Story, pool: Pool) -> None:
    """Go on with the money that is paid for all of them."""
    payer = story.pick(*phrases.PAYERS)
    known = payer.replace("a ", "the ", 1) if payer.startswith("a ") else payer
    each = story.rng.randint(2, 12)
    story.say(phrases.PRICE, payer=payer, money=f"${each}", pool=pool.phrase)
    leaf = story.leaf(f"dollars for each {pool.noun.one}", "dollars each", each)
    pool.quantity = story.derive("dollars in all", MONEY, "at_rate", pool.quantity, leaf)
    ask(story, pool, questions.PAID, MONEY, payer=known)
    pool.noun, pool.phrase = MONEY, "the money"


def spend(story: Story, pool: Pool) -> None:
    """Ask what is left of the money after some is spent."""
    value = story.values[pool.quantity]
    gone = story.rng.randint(max(2, int(value / 10)), max(2, int(value * 3 / 5)))
    story.say(phrases.SPEND, money=f"${gone}", purpose=story.pick(*phrases.PURPOSES))
    leaf = story.leaf("dollars spent", "dollars", gone)
    pool.quantity = story.derive("dollars left", MONEY, "subtract", pool.quantity, leaf)
    ask(story, pool, questions.MONEY_LEFT, MONEY)


def chore(story: Story, pool: Pool) -> None:
    """Ask how long it takes somebody to go through all of them."""
    noun = pool.noun
    speed = story.divisor(story.values[pool.quantity], 4, 25)
    worker, doing = story.pick(*phrases.WORKERS), story.pick(*phrases.CHORES)
    known = worker.replace("an ", "the ", 1).replace("a ", "the ", 1)
    times, per = story.rng.choice(PACES)
    n = noun.amount(Fraction(speed))
    story.say(phrases.CHORE, worker=worker, chore=doing, n=n, per=per)
    leaf = story.leaf(f"{noun.many} {per}", f"{noun.many} {per}", speed)
    time = Noun(times.removesuffix("s"), times, most=24 if times == "hours" else 60)
    pool.quantity = story.derive(f"{times} needed", time, "time_at_rate", pool.quantity, leaf)
    words = {"worker": known, "chore": doing, "times": times}
    ask(story, pool, questions.CHORE, time, **words)
    pool.noun = time


def average(story: Story, pool: Pool) -> None:
    """Ask how many an hour that was."""
    noun = pool.noun
    hours = story.divisor(story.values[pool.quantity], 2, 12)
    if story.values[pool.quantity] / hours > story.setting.fastest:
        raise DeadEnd
    story.say(phrases.TOOK, h=pool.holder, times=f"{hours} hours", things=noun.many)
    leaf = story.leaf("hours", "hours", hours)
    hourly = Noun(f"{noun.one} an hour", f"{noun.many} an hour")
    pool.quantity = story.derive(hourly.many, hourly, "rate_of", pool.quantity, leaf)
    ask(story, pool, questions.AVERAGE, noun, per="an hour", h=pool.holder)
    pool.noun = hourly


def ask_large_unit(story: Story, pool: Pool) -> None:
    """Ask for the amount in the large unit."""
    noun = large(story)
    factor = story.scale.factor if story.scale else 1
    if (story.values[pool.quantity] * 1000 / factor).denominator != 1:
        raise DeadEnd
    leaf = story.leaf(f"{story.noun.unit_name} to the larger unit", "factor", factor)
    label = noun.measured
    pool.quantity = story.conclude(label, noun.measured, "to_larger", pool.quantity, leaf)
    pool.question = pool.question.replace(story.noun.measured, noun.measured)
    pool.noun = noun


TAIL_MOVES: dict[str, Callable[[Story, Pool], None]] = {
    "trait_fraction": trait_fraction,
    "trait_percent": trait_percent,
    "rest_fraction": rest_fraction,
    "rest_percent": rest_percent,
    "what_fraction": what_fraction,
    "what_percent": what_percent,
    "pack": pack,
    "share": share,
    "split": split,
    "price": price,
    "spend": spend,
    "chore": chore,
    "average": average,
    "ask_large_unit": ask_large_unit,
}
