"""The data sets that are taught: what each is, how many levels it has, what its tasks need said.

What a newcomer gets wrong: a level here is a step of the data set's own curriculum, and a harder
one still draws easy tasks. Steps with many long questions or references, that cannot be generated,
or whose references are not all right, are no levels.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from storage.records import Skill

VERIFIER = "reasoning_gym"


@dataclass(frozen=True, slots=True)
class DataSet:
    """One data set."""

    name: str
    levels: int
    about: str
    after: tuple[str, ...] = ()
    """Data sets that should stand before."""
    first_step: int = 1
    """Which step of its curriculum is level 1, from 1."""
    lessons: tuple[int, ...] = ()
    """How many different lessons the first levels have at least; the others have thousands."""
    note: str = ""
    """What the questions leave open, said in the task."""
    rows: bool = False
    """Whether the answer has more than one line."""
    common: Mapping[str, int] = field(default_factory=dict)
    """References that too many tasks share, and of how many of these tasks one is kept."""
    few_answers: bool = False
    """Whether so few answers are possible that a guess is often right. Taught only if named."""

    @property
    def skill(self) -> Skill:
        """The data set as a skill of a curriculum."""
        return Skill(
            name=self.name,
            after=self.after,
            levels=self.levels,
            verifier=VERIFIER,
            about=self.about,
        )

    def capacity(self, level: int) -> int | None:
        """Return how many different lessons a level has; 0 if there is no such level.

        None: thousands.
        """
        if not 1 <= level <= self.levels:
            return 0
        return self.lessons[level - 1] if level <= len(self.lessons) else None


_RULES = "In every step use the first rule that can be used, once; then begin again with rule 1."
_TURNS = (
    "Turns are clockwise. To mirror horizontally is to turn the matrix upside down, to mirror "
    "vertically is to turn every row around. The diagonal begins at the top left, the "
    "counterdiagonal at the top right."
)
_SIGNS = "The signs between the numbers may be left out."
_TWO = "True or False"

_ALL = (
    DataSet("chain_sum", 5, "Add and subtract integers.", lessons=(150,)),
    DataSet(
        "basic_arithmetic", 2, "Work out terms with the four operations and parentheses.",
        ("chain_sum",), lessons=(1500,),
    ),
    DataSet("gcd", 4, "Find the greatest common divisor.", common={"1": 5, "2": 2}),
    DataSet("lcm", 4, "Find the least common multiple.", ("gcd",)),
    DataSet("base_conversion", 4, "Write a number in another base."),
    DataSet("count_bits", 4, "Count the 1 bits of a number.", ("base_conversion",), lessons=(700,)),
    DataSet("count_primes", 4, "Count the primes of an interval."),
    DataSet("simple_equations", 3, "Solve a linear equation.", ("basic_arithmetic",)),
    DataSet("simple_geometry", 1, "Find the last angle of a polygon."),
    DataSet("dice", 4, "Find the odds of a sum of dice."),
    DataSet(
        "leg_counting", 5, "Count the legs of animals.", ("basic_arithmetic",), lessons=(80, 1500)
    ),
    DataSet("number_sorting", 1, "Sort decimals."),
    DataSet("number_filtering", 2, "Keep or remove decimals by size.", ("number_sorting",)),
    DataSet(
        "letter_counting", 5, "Count a letter in a text.",
        note="Count capital and small letters alike.", common={"1": 4, "2": 2},
    ),
    DataSet("caesar_cipher", 2, "Decrypt a Caesar cipher.", ("letter_counting",)),
    DataSet("word_sorting", 4, "Sort words by their characters' codes.", ("letter_counting",)),
    DataSet("word_sequence_reversal", 3, "Turn a list of words around."),
    DataSet("emoji_mystery", 5, "Decode a sentence hidden in an emoji."),
    DataSet("string_manipulation", 4, "Rewrite a string by rules until it stays."),
    DataSet("string_splitting", 2, "Use up stocks by rules.", note=_RULES),
    DataSet("string_synthesis", 3, "Join blocks by rules.", note=_RULES),
    DataSet("ab", 4, "Rewrite a row of tokens by rules."),
    DataSet("binary_alternation", 3, "Find the fewest swaps that make bits alternate."),
    DataSet("group_anagrams", 2, "Group words that are anagrams of each other."),
    DataSet(
        "palindrome_partitioning", 2, "Cut a string into palindromes in every way.",
        note="Give every partition, each of them once.", lessons=(1500,),
    ),
    DataSet("rotate_matrix", 2, "Rotate a matrix.", rows=True),
    DataSet("manipulate_matrix", 2, "Transform a matrix step by step.", note=_TURNS, rows=True),
    DataSet("largest_island", 2, "Find the largest island of a grid.", first_step=2),
    DataSet(
        "rotten_oranges", 2, "Say how long something takes to spread over a grid.",
        common={"-1": 2},
    ),
    DataSet(
        "maze", 2, "Count the steps of the shortest way through a maze.",
        note="A step goes up, down, left or right.",
    ),
    DataSet(
        "shortest_path", 2, "Find a shortest way through a grid.", common={"infeasible": 4}
    ),
    DataSet("path_star", 4, "Find the path between two nodes of a graph."),
    DataSet("mini_sudoku", 4, "Solve a 4x4 sudoku.", rows=True),
    DataSet("sudoku", 4, "Solve a 9x9 sudoku.", rows=True),
    DataSet("futoshiki", 3, "Fill a grid under signs of order.", note=_SIGNS, rows=True),
    DataSet("cryptarithm", 3, "Find the digits behind the letters of a sum."),
    DataSet("jugs", 1, "Measure water with jugs.", lessons=(150,)),
    DataSet("course_schedule", 4, f"{_TWO}: prerequisites have no circle.", few_answers=True),
    DataSet("isomorphic_strings", 4, f"{_TWO}: two strings are isomorphic.", few_answers=True),
    DataSet("ransom_note", 3, f"{_TWO}: a text has the letters of another.", few_answers=True),
    DataSet(
        "self_reference", 1, "Count the ways in which statements about each other can be true.",
        few_answers=True, lessons=(1000,),
    ),
)  # fmt: skip

DATA_SETS: dict[str, DataSet] = {each.name: each for each in _ALL}
"""By name, in the order in which a curriculum lists them."""
BY_DEFAULT: tuple[str, ...] = tuple(each.name for each in _ALL if not each.few_answers)


def capacity(data_set: str, level: int) -> int | None:
    """Return how many different lessons there are; 0: not taught. None: thousands."""
    known = DATA_SETS.get(data_set)
    return known.capacity(level) if known else 0
