"""The stories in which lists are sorted; `{numbers}`, `{passes}` ... are filled in later."""

_ROWS = (
    "Here are the numbers {numbers}.",
    "Books with {numbers} pages stand on a shelf, in this order from left to right.",
    "Parcels of {numbers} kilograms wait on a belt, in this order from left to right.",
    "Cards with the numbers {numbers} lie in a row.",
    "Runners with the numbers {numbers} stand in line, from left to right.",
    "Jars that hold {numbers} olives are lined up on a counter, in this order from left to right.",
    "A memory chip holds the numbers {numbers}, one after the other.",
    "Planks of {numbers} centimetres lean against a wall, in this order from left to right.",
)
_BUBBLE_WAYS = (
    "In a pass of bubble sort every pair of neighbours, from left to right, is compared and "
    "swapped if the left number is larger. {asks}",
    "Bubble sort goes through the row from left to right and swaps two neighbours whenever the "
    "larger one comes first; once through is a pass. {asks}",
    "They are to be sorted in ascending order by bubble sort. A pass runs once from left to right "
    "over all pairs of neighbours and swaps those in the wrong order. {asks}",
)
_SELECTION_WAYS = (
    "Selection sort looks, in pass 1, for the smallest of all numbers and swaps it with the number "
    "in place 1; in pass 2 it does the same from place 2 on, and so forth. {asks}",
    "They are put in ascending order by selection sort: in each pass the smallest number of "
    "the part that is not yet sorted changes places with the first number of that part. {asks}",
    "With selection sort, pass k swaps the number in place k with the smallest one from place k "
    "on. {asks}",
)
_INSERTION_WAYS = (
    "Insertion sort takes, in pass 1, the second number and puts it where it belongs among those "
    "before it; in pass 2 the third number, and so forth. {asks}",
    "They are put in ascending order by insertion sort: pass k takes the number in place k + 1 and "
    "moves it to the left until no larger number stands before it. {asks}",
    "With insertion sort the front part is always in order; each pass moves the next number to its "
    "place in that part, and the larger ones move one place to the right. Pass 1 takes the second "
    "number. {asks}",
)


def _told(ways: tuple[str, ...], asks: tuple[str, ...]) -> tuple[str, ...]:
    """Return every row with every way, each way with its own manner of asking."""
    pairs = list(zip(ways, asks, strict=True))
    return tuple(f"{row} {way.replace('{asks}', ask)}" for row in _ROWS for way, ask in pairs)


_AFTER = (
    "What is the order after {passes}?",
    "Carry out {passes}. In which order are the numbers then?",
    "Write down the numbers as they stand after {passes}.",
)
BUBBLE = _told(_BUBBLE_WAYS, _AFTER)
SELECTION = _told(_SELECTION_WAYS, _AFTER)
INSERTION = _told(_INSERTION_WAYS, _AFTER)
COUNT_SWAPS = _told(
    _BUBBLE_WAYS,
    (
        "How many swaps are made in {passes}?",
        "Carry out {passes}. How many swaps does that take?",
        "Count the swaps of {passes}.",
    ),
)
_MERGE_TWO = (
    "Merge the sorted lists {a} and {b} into one sorted list.",
    "Two shelves hold books in order of their page numbers: {a} on the first, {b} on the second. "
    "In which order do they stand when both are merged on one shelf?",
    "Two queues are already in order: {a} and {b}. Let the smaller number at the front go first "
    "each time. Which queue comes of it?",
    "One clerk has sorted the files {a}, another the files {b}. Merge them into one sorted pile.",
    "In the last step of a merge sort, {a} meets {b}. What is the merged list?",
    "Two packs of cards lie in ascending order: {a}, and beside it {b}. Merge the packs.",
    "Sorted by weight, one crate holds apples of {a} grams and another of {b} grams. "
    "Merge them into one row, the lightest first.",
    "A computer has sorted {a} in one block and {b} in another. What does merging them give?",
)
_MERGE_THREE = (
    "Merge the sorted lists {a} and {b}, and then the outcome with {c}. What is the final list?",
    "Three shelves hold books in order of their page numbers: {a} on the first, {b} on the second "
    "and {c} on the third. In which order do they stand when all are merged on one shelf?",
    "Three queues are already in order: {a}, then {b}, then {c}. The first two are merged, the "
    "smaller number going first each time, and then the third with them. Which queue comes of it?",
    "Three clerks have sorted their files: {a}, another {b}, and the last {c}. "
    "Merge them into one sorted pile.",
    "At the end of a merge sort three blocks are left: {a} and {b} and {c}. What is the list after "
    "merging the first two and then the third?",
    "Three packs of cards lie in ascending order: {a}, beside it {b}, and beside that {c}. "
    "Merge all packs.",
    "Sorted by weight, three crates hold apples of {a} grams, of {b} grams and of {c} grams. "
    "Merge them into one row, the lightest first.",
    "A computer has sorted {a} in one block, {b} in a second and {c} in a third. "
    "What does merging all three give?",
)
MERGE = (_MERGE_TWO, _MERGE_THREE)
