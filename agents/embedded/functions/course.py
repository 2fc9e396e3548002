"""The skills, and which families belong to which level of each.

What a newcomer gets wrong: to add, drop or reorder a family gives every later index another
question, so the domain's version must be raised.
"""

from agents.embedded.functions.family import Family
from agents.embedded.functions.lists_long import LEVEL, STRETCH, WINDOW
from agents.embedded.functions.lists_ordered import FIRST_STEP, SORT, STEPS, TRIM
from agents.embedded.functions.lists_plain import KEEP_AND_FOLD, PLACE
from agents.embedded.functions.numbers_loops import DIGITS, MULTIPLES
from agents.embedded.functions.numbers_plain import BANDS, PACKS
from agents.embedded.functions.numbers_steps import GROWTH, SPECIAL
from agents.embedded.functions.tables_grouped import GROUP, MERGE
from agents.embedded.functions.tables_moved import BALANCE
from agents.embedded.functions.tables_plain import BEST_NAME, LOOK_UP, NAMES
from agents.embedded.functions.tables_ranked import RANK, WINNER
from agents.embedded.functions.text_counts import OFTEN, RUNS
from agents.embedded.functions.text_plain import CUT, LETTERS
from agents.embedded.functions.text_words import BEST_WORD, PICK
from storage.records import Skill

SKILLS = (
    Skill(
        name="functions_numbers",
        after=("sequences",),
        levels=3,
        verifier="code",
        about="Write Python functions of whole numbers: cases, ranges, digits, repeated steps.",
    ),
    Skill(
        name="functions_text",
        after=("functions_numbers", "text_manipulation"),
        levels=3,
        verifier="code",
        about="Write Python functions that count, cut, choose and put together letters and words.",
    ),
    Skill(
        name="functions_lists",
        after=("functions_numbers", "sorting"),
        levels=3,
        verifier="code",
        about="Write Python functions of lists: keep, fold, sort, compare neighbours, find runs.",
    ),
    Skill(
        name="functions_tables",
        after=("functions_lists",),
        levels=3,
        verifier="code",
        about="Write Python functions of dicts and rows: look up, group, merge, rank, balance.",
    ),
)
FAMILIES: dict[tuple[str, int], tuple[Family, ...]] = {
    ("functions_numbers", 1): (BANDS, PACKS),
    ("functions_numbers", 2): (DIGITS, MULTIPLES),
    ("functions_numbers", 3): (GROWTH, SPECIAL),
    ("functions_text", 1): (LETTERS, CUT),
    ("functions_text", 2): (PICK, BEST_WORD),
    ("functions_text", 3): (OFTEN, RUNS),
    ("functions_lists", 1): (KEEP_AND_FOLD, PLACE),
    ("functions_lists", 2): (SORT, TRIM, STEPS, FIRST_STEP),
    ("functions_lists", 3): (STRETCH, LEVEL, WINDOW),
    ("functions_tables", 1): (NAMES, BEST_NAME, LOOK_UP),
    ("functions_tables", 2): (GROUP, MERGE),
    ("functions_tables", 3): (RANK, WINNER, BALANCE),
}


def families(skill: str, level: int) -> tuple[Family, ...]:
    """Return the families of a skill and level, in order.

    Raises:
        ValueError: there is no such skill or level.
    """
    if (skill, level) not in FAMILIES:
        raise ValueError(f"functions: has no skill {skill!r} at level {level}")
    return FAMILIES[skill, level]
