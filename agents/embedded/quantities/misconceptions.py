"""The named misconceptions about quantities: what is believed, what helps, in which lessons."""

from dataclasses import dataclass

from agents.embedded.domain import Misconception
from agents.embedded.quantities import slips


@dataclass(frozen=True, slots=True)
class Belief:
    """A misconception and what it does."""

    about: Misconception
    skills: tuple[str, ...]
    """In whose lessons it shows itself."""
    act: slips.Act


ALL = ("sums", "products", "fractions", "percentages", "ratios", "rates", "units")


def _belief(name: str, act: slips.Act, skills: tuple[str, ...], belief: str, advice: str) -> Belief:
    return Belief(Misconception(name, belief, advice), skills, act)


BELIEFS: tuple[Belief, ...] = (
    _belief(
        "drops_a_carry",
        slips.drop_a_carry,
        ("sums", "products", "rates"),
        "Each column of digits stands alone; what goes over ten is not passed on.",
        "Where a column comes to ten or more, carry the ten into the next column.",
    ),
    _belief(
        "borrows_the_wrong_way",
        slips.borrow_the_wrong_way,
        ("sums",),
        "In every column the smaller digit is taken from the larger, wherever it stands.",
        "Take the lower digit from the upper one, and borrow from the next column if you must.",
    ),
    _belief(
        "adds_instead_of_subtracts",
        slips.add_instead_of_subtracting,
        ("sums", "fractions", "percentages"),
        "Whenever two amounts are told, they belong together.",
        "Ask of each step whether the amount grows or shrinks before you choose the sign.",
    ),
    _belief(
        "adds_instead_of_multiplying",
        slips.add_instead_of_multiplying,
        ("products", "rates"),
        "So many groups of so many is one number and the other.",
        "Draw the groups: the same amount comes once for each group, not once in all.",
    ),
    _belief(
        "multiplies_instead_of_dividing",
        slips.multiply_instead_of_dividing,
        ("products", "rates"),
        "Groups and amounts are always multiplied.",
        "Ask whether each group makes the amount larger, or whether it is split among the groups.",
    ),
    _belief(
        "divides_the_wrong_way",
        slips.divide_the_wrong_way,
        ("products", "rates"),
        "In a division it does not matter which number comes first.",
        "The amount that is split comes first; the size or number of the shares comes second.",
    ),
    _belief(
        "divides_instead_of_multiplying",
        slips.divide_instead_of_multiplying,
        ("rates",),
        "Where something is said of each hour or each piece, one has to divide.",
        "So much for each, many times over, makes more: multiply.",
    ),
    _belief(
        "multiplies_by_the_denominator",
        slips.multiply_by_the_denominator,
        ("fractions",),
        "A fraction of an amount is the amount times the lower number.",
        "The lower number says into how many equal parts the amount is cut.",
    ),
    _belief(
        "ignores_the_numerator",
        slips.ignore_the_numerator,
        ("fractions",),
        "A fraction of an amount is one of its parts.",
        "After cutting into parts, take as many of them as the upper number says.",
    ),
    _belief(
        "takes_the_rest_for_the_part",
        slips.take_the_rest,
        ("fractions",),
        "The fraction that is told is what is left over.",
        "Check whether the fraction belongs to what is meant or to what remains.",
    ),
    _belief(
        "turns_a_fraction_over",
        slips.turn_a_fraction_over,
        ("fractions",),
        "A fraction means the same either way up.",
        "A proper fraction of an amount must be smaller than the amount.",
    ),
    _belief(
        "treats_percent_as_a_plain_number",
        slips.take_percent_for_a_number,
        ("percentages",),
        "Fifteen percent of something are fifteen.",
        "A percentage is a share: so many of every hundred, so it depends on the whole.",
    ),
    _belief(
        "takes_the_percentage_of_the_wrong_whole",
        slips.take_the_wrong_whole,
        ("percentages",),
        "It does not matter what a percentage is taken of.",
        "Say aloud: percent of what? Take exactly that amount as the whole.",
    ),
    _belief(
        "divides_by_the_percentage",
        slips.divide_by_the_percentage,
        ("percentages",),
        "To take a percentage one divides by it.",
        "Find one hundredth first, then take as many hundredths as the percentage says.",
    ),
    _belief(
        "moves_the_decimal_point",
        slips.move_the_decimal_point,
        ("percentages",),
        "Percent means of ten.",
        "Percent means of a hundred: two places, not one.",
    ),
    _belief(
        "inverts_a_ratio",
        slips.invert_a_ratio,
        ("ratios",),
        "In a ratio it does not matter which number belongs to whom.",
        "The first number belongs to the first who is named, the second to the second.",
    ),
    _belief(
        "takes_a_ratio_for_a_fraction",
        slips.take_a_ratio_for_a_fraction,
        ("ratios",),
        "Two to three is the same as two thirds, and a share the same as a comparison.",
        "Decide whether the ratio compares two amounts or splits one; a split has all parts below.",
    ),
    _belief(
        "stops_at_one_part",
        slips.stop_at_one_part,
        ("ratios",),
        "The size of one part is the share.",
        "Once you know one part, take as many parts as the ratio says.",
    ),
    _belief(
        "adds_the_difference_of_a_ratio",
        slips.add_the_difference_of_a_ratio,
        ("ratios",),
        "A ratio says by how much two amounts differ.",
        "A ratio multiplies: see how often its first number fits, and keep that factor.",
    ),
    _belief(
        "off_by_one_power_of_ten",
        slips.miss_a_power_of_ten,
        ("units",),
        "One zero more or less does not matter in a conversion.",
        "Say how many small units make one large unit before you convert.",
    ),
    _belief(
        "takes_every_factor_for_a_hundred",
        slips.take_every_factor_for_a_hundred,
        ("units",),
        "A large unit always has a hundred small ones, hours too.",
        "Not every unit has a hundred parts; recall the factor of this one.",
    ),
    _belief(
        "converts_the_wrong_way",
        slips.convert_the_wrong_way,
        ("units",),
        "A larger unit means a larger number.",
        "The smaller the unit, the more of it you need for the same amount.",
    ),
    _belief(
        "forgets_to_convert",
        slips.forget_to_convert,
        ("units",),
        "Numbers can be used as they stand, whatever their units.",
        "Bring all amounts to one unit before you work with them.",
    ),
    _belief(
        "uses_the_distractor",
        slips.use_the_distractor,
        ALL,
        "Every number of a story has to be used.",
        "Leave out what has nothing to do with the question.",
    ),
    _belief(
        "forgets_the_last_step",
        slips.forget_the_last_step,
        ALL,
        "The work is done once the last amount but one is known.",
        "Read the question again and see whether your last number is what it asks for.",
    ),
)
"""In the order in which they take hold of an operation: the first that fits acts."""
