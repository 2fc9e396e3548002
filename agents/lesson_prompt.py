"""What a chat teacher's prompt is filled in with.

What a newcomer gets wrong: no two assignments of a run may ask with the same words, or a model that
answers the same words alike would write the same lesson again. The variation sees to that.
"""

from random import Random

from agents.parsing import delimiter
from storage.ids import derive_seed
from storage.records import Assignment, ExpertSeed, Skill

INPUTS = (
    "skill",
    "about",
    "level",
    "levels",
    "language",
    "hint",
    "example",
    "reference",
    "passage",
    "variation",
    "refusals",
    "mark",
)
"""What a teacher's prompt may ask for."""

_SETTINGS = (
    "a harbour",
    "a bakery",
    "a night train",
    "a school",
    "a farm",
    "a hospital ward",
    "a theatre",
    "a market",
    "a workshop",
    "a library",
    "a mountain hut",
    "an office",
)
_MANNERS = ("plain", "friendly", "formal", "vivid", "terse", "light-hearted")
_ADDED = (
    "Do not say in the question in which form the answer must be stated; that sentence is added"
    " for you."
)
"""True where a program decides; of a task for a judge the question is all that there is."""
_CHANGES = (
    "the order of the facts",
    "who is involved",
    "the quantities",
    "what is asked for",
    "a detail that does not matter",
    "from whose view it is told",
)


def lesson_inputs(
    assignment: Assignment,
    skill: Skill,
    expert_seed: ExpertSeed | None,
    refusals: tuple[str, ...],
) -> dict[str, object]:
    """Return a value for each of `INPUTS`; what there is not is None or empty."""
    example = expert_seed.example if expert_seed else ""
    reference = expert_seed.reference if expert_seed else None
    passage = expert_seed.passage if expert_seed else None
    fenced = "\n".join((example, reference or "", passage or "", *refusals))
    return {
        "skill": skill.name,
        "about": skill.about,
        "level": assignment.level,
        "levels": skill.levels,
        "language": assignment.language,
        "hint": _hint(skill.verifier),
        "example": example,
        "reference": reference,
        "passage": passage,
        "variation": variation(assignment),
        "refusals": refusals,
        "mark": delimiter(assignment.seed, fenced),
    }


def variation(assignment: Assignment) -> str:
    """Return a line that makes this assignment's prompt unlike every other one of its run."""
    chance = Random(derive_seed(assignment.seed, "variation"))
    setting, manner, change = map(chance.choice, (_SETTINGS, _MANNERS, _CHANGES))
    code = f"{assignment.n}-{chance.getrandbits(32):08x}"
    return (
        f"Setting: {setting}, if that suits the skill. Manner: {manner}. Be inventive with"
        f" {change}. (Lesson code {code}; do not mention it.)"
    )


def _hint(verifier: str) -> str:
    """Return how a reference must look so that this verifier can compare it, or a judge."""
    match verifier:
        case "judge":
            return "a complete model answer, with every point that a right attempt must hold."
        case "math":
            form = (
                "one number (integer, decimal, fraction or percentage), or several with commas"
                " between them; no units and no words."
            )
        case "exact":
            form = "a short text on one line; it is compared character by character."
        case _:
            form = "the answer alone, on one line."
    return f"{form} {_ADDED}"
