"""Which data sets there are to the verifier, and how the answers to each are compared.

What a newcomer gets wrong: a data set is here only if its right answers can be told from the task
alone. Why others are not is written in docs/reasoning-gym.md.
"""

from agents.verifiers.reasoning_gym import cryptarithm, jugs, near_misses, path, readings
from agents.verifiers.reasoning_gym.comparison import Comparison, OneValue, Tried

INTEGER = OneValue("integer", readings.integer, near_misses.of_integer)
FRACTION = OneValue("fraction in lowest terms", readings.fraction, near_misses.of_fraction)
TEXT = OneValue("text", readings.plain, near_misses.of_text)
TRUTH = OneValue("True or False", readings.truth, near_misses.of_truth)
WORDS = OneValue("words between commas", readings.words, near_misses.of_words)
NUMBERS = OneValue("list of numbers", readings.numbers, near_misses.of_numbers)
GRID = OneValue("grid", readings.grid, near_misses.of_grid)
SIGNED_GRID = OneValue("grid, signs left out", readings.signed_grid, near_misses.of_grid)
GROUPS = OneValue("groups of words", readings.groups, near_misses.of_groups)
PARTITIONS = OneValue("lists of words", readings.partitions, near_misses.of_groups)
CRYPTARITHM = Tried("digits tried on the sum", cryptarithm.wrong, cryptarithm.near)
JUGS = Tried("moves tried on the jugs", jugs.wrong, jugs.near)
PATH = Tried("way walked on the grid", path.wrong, path.near)

COMPARISONS: dict[str, Comparison] = {
    "ab": TEXT,
    "base_conversion": TEXT,
    "basic_arithmetic": INTEGER,
    "binary_alternation": INTEGER,
    "caesar_cipher": TEXT,
    "chain_sum": INTEGER,
    "count_bits": INTEGER,
    "count_primes": INTEGER,
    "course_schedule": TRUTH,
    "cryptarithm": CRYPTARITHM,
    "dice": FRACTION,
    "emoji_mystery": TEXT,
    "futoshiki": SIGNED_GRID,
    "gcd": INTEGER,
    "group_anagrams": GROUPS,
    "isomorphic_strings": TRUTH,
    "jugs": JUGS,
    "largest_island": INTEGER,
    "lcm": INTEGER,
    "leg_counting": INTEGER,
    "letter_counting": INTEGER,
    "manipulate_matrix": GRID,
    "maze": INTEGER,
    "mini_sudoku": GRID,
    "number_filtering": NUMBERS,
    "number_sorting": NUMBERS,
    "palindrome_partitioning": PARTITIONS,
    "path_star": TEXT,
    "ransom_note": TRUTH,
    "rotate_matrix": GRID,
    "rotten_oranges": INTEGER,
    "self_reference": INTEGER,
    "shortest_path": PATH,
    "simple_equations": INTEGER,
    "simple_geometry": INTEGER,
    "string_manipulation": TEXT,
    "string_splitting": TEXT,
    "string_synthesis": TEXT,
    "sudoku": GRID,
    "word_sequence_reversal": WORDS,
    "word_sorting": WORDS,
}
"""By the name of the data set."""
