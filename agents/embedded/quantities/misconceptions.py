"""The named misconceptions about quantities: what is believed, in which lessons, what it does.

What a newcomer gets wrong: their order counts. Of those that are active, the first that fits an
operation acts on it.
"""

from dataclasses import dataclass

from agents.embedded.domain import Misconception
from agents.embedded.quantities import slips


@dataclass(frozen=True, slots=True)
class Acting(Misconception):
    """A misconception, the skills in whose lessons it shows itself, and what it does there."""

    skills: tuple[str, ...]
    act: slips.Act
    """Returns None where there is nothing to act on."""


ALL = ("sums", "products", "fractions", "percentages", "ratios", "rates", "units")

MISCONCEPTIONS: tuple[Acting, ...] = (
    Acting(
        "drops_a_carry",
        "Each column of digits stands alone; what goes over ten is not passed on.",
        ("sums", "products", "rates"),
        slips.drop_a_carry,
    ),
    Acting(
        "borrows_the_wrong_way",
        "In every column the smaller digit is taken from the larger, wherever it stands.",
        ("sums",),
        slips.borrow_the_wrong_way,
    ),
    Acting(
        "adds_instead_of_subtracting",
        "Whenever two amounts are told, they belong together.",
        ("sums", "fractions", "percentages"),
        slips.add_instead_of_subtracting,
    ),
    Acting(
        "adds_instead_of_multiplying",
        "So many groups of so many is one number and the other.",
        ("products", "rates"),
        slips.add_instead_of_multiplying,
    ),
    Acting(
        "multiplies_instead_of_dividing",
        "Groups and amounts are always multiplied.",
        ("products", "rates"),
        slips.multiply_instead_of_dividing,
    ),
    Acting(
        "divides_the_wrong_way",
        "In a division it does not matter which number comes first.",
        ("products", "rates"),
        slips.divide_the_wrong_way,
    ),
    Acting(
        "divides_instead_of_multiplying",
        "Where something is said of each hour or each piece, one has to divide.",
        ("rates",),
        slips.divide_instead_of_multiplying,
    ),
    Acting(
        "multiplies_by_the_denominator",
        "A fraction of an amount is the amount times the lower number.",
        ("fractions",),
        slips.multiply_by_the_denominator,
    ),
    Acting(
        "ignores_the_numerator",
        "A fraction of an amount is one of its parts.",
        ("fractions",),
        slips.ignore_the_numerator,
    ),
    Acting(
        "takes_the_rest_for_the_part",
        "The fraction that is told is what is left over.",
        ("fractions",),
        slips.take_the_rest_for_the_part,
    ),
    Acting(
        "turns_a_fraction_over",
        "A fraction means the same either way up.",
        ("fractions",),
        slips.turn_a_fraction_over,
    ),
    Acting(
        "treats_percent_as_a_plain_number",
        "Fifteen percent of anything is fifteen.",
        ("percentages",),
        slips.treat_percent_as_a_plain_number,
    ),
    Acting(
        "takes_the_percentage_of_the_wrong_whole",
        "It does not matter what a percentage is taken of.",
        ("percentages",),
        slips.take_the_percentage_of_the_wrong_whole,
    ),
    Acting(
        "divides_by_the_percentage",
        "To take a percentage one divides by it.",
        ("percentages",),
        slips.divide_by_the_percentage,
    ),
    Acting(
        "moves_the_decimal_point",
        "Percent means of ten.",
        ("percentages",),
        slips.move_the_decimal_point,
    ),
    Acting(
        "inverts_a_ratio",
        "In a ratio it does not matter which number belongs to whom.",
        ("ratios",),
        slips.invert_a_ratio,
    ),
    Acting(
        "takes_a_ratio_for_a_fraction",
        "Two to three is the same as two thirds, and a share the same as a comparison.",
        ("ratios",),
        slips.take_a_ratio_for_a_fraction,
    ),
    Acting(
        "stops_at_one_part",
        "The size of one part is the share.",
        ("ratios",),
        slips.stop_at_one_part,
    ),
    Acting(
        "adds_the_difference_of_a_ratio",
        "A ratio says by how much two amounts differ.",
        ("ratios",),
        slips.add_the_difference_of_a_ratio,
    ),
    Acting(
        "misses_a_power_of_ten",
        "One zero more or less does not matter in a conversion.",
        ("units",),
        slips.miss_a_power_of_ten,
    ),
    Acting(
        "takes_every_factor_for_a_hundred",
        "A large unit always has a hundred small ones, hours too.",
        ("units",),
        slips.take_every_factor_for_a_hundred,
    ),
    Acting(
        "converts_the_wrong_way",
        "A larger unit means a larger number.",
        ("units",),
        slips.convert_the_wrong_way,
    ),
    Acting(
        "forgets_to_convert",
        "Numbers can be used as they stand, whatever their units.",
        ("units",),
        slips.forget_to_convert,
    ),
    Acting(
        "uses_the_distractor",
        "Every number of a story has to be used.",
        ALL,
        slips.use_the_distractor,
    ),
    Acting(
        "forgets_the_last_step",
        "The work is done once the last amount but one is known.",
        ALL,
        slips.forget_the_last_step,
    ),
)
"""In the order in which they take hold of an operation."""
