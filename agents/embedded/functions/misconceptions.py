"""What a novice gets wrong about writing functions: the beliefs behind wrong lines.

What a newcomer gets wrong: what each of them does to a program stands where that line is written,
in the families; here is only what the novice thinks. One may find nothing to act on.
"""

from dataclasses import dataclass

from agents.embedded.domain import Misconception


@dataclass(frozen=True, slots=True)
class Held(Misconception):
    """A misconception, and the skills in whose lessons it shows itself."""

    skills: tuple[str, ...]


_NUMBERS, _TEXT = "functions_numbers", "functions_text"
_LISTS, _TABLES = "functions_lists", "functions_tables"
_ALL = (_NUMBERS, _TEXT, _LISTS, _TABLES)
MISCONCEPTIONS: tuple[Held, ...] = (
    Held("misreads_the_boundary", '"At least" and "more than" are the same.', _ALL),
    Held(
        "forgets_the_empty_case",
        "There is always something to work with.",
        (_TEXT, _LISTS, _TABLES),
    ),
    Held("returns_inside_the_loop", "A return waits until the loop is done.", _ALL),
    Held("takes_zero_for_no_answer", "Where nothing is found, the number is 0.", _ALL),
    Held(
        "keeps_the_wrong_of_equals",
        "Of several equal ones it does not matter which is kept.",
        (_TEXT, _LISTS, _TABLES),
    ),
    Held(
        "overwrites_instead_of_adding",
        "To assign to a name is to add to what it holds.",
        (_TEXT, _LISTS, _TABLES),
    ),
    Held(
        "changes_its_argument",
        "An assignment makes a copy of a list or a dict.",
        (_LISTS, _TABLES),
    ),
    Held("sorts_the_wrong_way", "Sorting puts first what I think of first.", (_LISTS, _TABLES)),
    Held(
        "subtracts_the_wrong_way",
        "In a difference it does not matter which number comes first.",
        (_LISTS, _TABLES),
    ),
    Held(
        "stops_one_short",
        "A range or a slice includes the end that it is given.",
        (_NUMBERS, _TEXT, _LISTS, _TABLES),
    ),
    Held("counts_from_zero", "The first place is always number 0.", (_TEXT, _LISTS)),
    Held("counts_from_one", "Whatever is counted is there once to begin with.", (_NUMBERS,)),
    Held("drops_the_remainder", "What // leaves over does not matter.", (_NUMBERS, _LISTS)),
    Held("keeps_the_fraction", "A division with / is rounded down.", (_NUMBERS,)),
    Held(
        "takes_the_quotient_for_the_remainder",
        "The operator // says whether something is left over.",
        (_NUMBERS, _LISTS),
    ),
    Held("forgets_negative_numbers", "Numbers are never below 0.", (_NUMBERS, _LISTS)),
    Held(
        "asks_the_wider_case_first",
        "The order of conditions makes no difference.",
        (_NUMBERS,),
    ),
    Held("confuses_and_with_or", '"And" and "or" both join two conditions.', (_NUMBERS,)),
    Held("forgets_to_give_up", "A loop comes to its end in time.", (_NUMBERS,)),
    Held("minds_the_case", "A capital letter is found where its small one is.", (_TEXT,)),
    Held(
        "splits_at_every_space",
        "To split at a space is the same as to split into words.",
        (_TEXT,),
    ),
    Held(
        "compares_the_texts_themselves",
        "To compare two texts is to compare their lengths or counts.",
        (_TEXT,),
    ),
    Held("forgets_what_is_added", "What is put behind a text takes no room.", (_TEXT,)),
    Held(
        "forgets_the_last_group", "When the loop ends, everything is written down.", (_TEXT, _LISTS)
    ),
    Held("forgets_to_start_again", "A count begins anew by itself.", (_TEXT, _LISTS)),
    Held("keeps_duplicates", "A list holds every value only once.", (_LISTS,)),
    Held("forgets_the_upper_limit", "What is too much is lost by itself.", (_LISTS,)),
    Held("forgets_the_missing_key", "Every key that is asked for is in the dict.", (_TABLES,)),
    Held("compares_the_keys", "To compare two keys is to compare their values.", (_TABLES,)),
    Held(
        "forgets_to_break_ties",
        "Sorting by one thing puts everything else in order as well.",
        (_TABLES,),
    ),
    Held("forgets_to_sort", "A dict keeps its keys in alphabetical order.", (_TABLES,)),
)
"""All of them; the order is that in which a novice's chances are drawn."""
