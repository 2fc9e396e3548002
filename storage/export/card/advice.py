"""Of the card: the sentences that hang on the figures."""

from storage.export.card.markdown import Safe, counted, escaped, listed, name, share
from storage.export.facts import Facts
from storage.export.figures import Figures, kto_weights


def opening(facts: Facts, figures: Figures) -> Safe:
    """Return what the export is, in a paragraph."""
    decided = {rung: sum(counts.values()) for rung, counts in facts.rungs.items()}
    attempts = sum(decided.values())
    by = [
        f"{who} {share(decided[rung], attempts)}"
        for rung, who in _DECIDERS.items()
        if decided.get(rung)
    ]
    told = (
        f"{counted(figures.rows(), 'training row')} in {counted(len(figures.forms), 'format')}, "
        f"from {counted(sum(facts.trajectories.values()), 'episode')} in which a teacher wrote a "
        "lesson, a student attempted its task and a critic gave every attempt a verdict."
    )
    if by:
        told += f" Of {counted(attempts, 'attempt')}, {listed([Safe(each) for each in by])}."
    return Safe(told)


_DECIDERS = {
    "program": "a program decided",
    "judge": "a judge decided",
    "person": "a person decided",
    None: "nobody decided",
}


def split_rule(figures: Figures) -> Safe:
    """Return how the rows were parted."""
    if len(figures.splits) < 2:
        return Safe(f"All rows are in `{escaped(figures.splits[0])}`: no others were asked for.")
    return Safe(
        "By family, never by row: all lessons of one expert seed, or of one pattern that a program "
        "fills in, with all attempts at them, stand on one side (the column `family`). The side is "
        "drawn from a digest of the family, so rows that are added later move none from one side "
        "to another. What is nearly the same as a question that is held out is left out of "
        "`train`."
    )


def advice(figures: Figures) -> list[Safe]:
    """Return what to know for training, by format."""
    found = [_labels(figures)] if "kto" in figures.forms else []
    if "preference" in figures.forms:
        found.append(_pairs(figures))
    if "stepwise" in figures.forms:
        found.append(
            Safe(
                "**stepwise**: TRL trains process reward models up to 1.13, axolotl does still "
                "(`process_reward_model: true`). Every row ends with its first wrong step, so its "
                "last label is false."
            )
        )
    if "rl" in figures.forms:
        found.append(
            Safe(
                "**rl**: the columns `reference`, `verifier` and `data` are what the reward "
                "function of this project needs; it runs the verifier that judged the student."
            )
        )
    return found


def _labels(figures: Figures) -> Safe:
    """Return the counts of both labels, and the weights that balance them."""
    split = figures.splits[0]
    labels = figures.by("label", "kto", split)
    right, wrong = labels.get(True, 0), labels.get(False, 0)
    told = f"**kto**: in `{escaped(split)}` {right:,} rows are desirable and {wrong:,} are not. "
    if not (right and wrong):
        return Safe(told + "**With one kind alone KTO learns nothing.**")
    desirable, undesirable = kto_weights(right, wrong)
    if desirable == undesirable:
        told += "That is between 1 and 4/3, as TRL asks for: no weights are needed. "
    else:
        told += (
            f"With `desirable_weight={desirable:g}` and `undesirable_weight={undesirable:g}` they "
            "weigh as TRL asks for, between 1 and 4/3. "
        )
    return Safe(
        f"{told}The trainer reads rows in the order of the file, in which labels are mixed and "
        "tasks apart: leave it so."
    )


def _pairs(figures: Figures) -> Safe:
    """Return how the pairs were made, and which loss fits."""
    pairs, losses = figures.by("pair", "preference"), figures.by("loss", "preference")
    made = []
    if pairs.get("siblings"):
        made.append(f"{pairs['siblings']:,} of an accepted and a wrong attempt at one task")
    if pairs.get("revision"):
        made.append(f"{pairs['revision']:,} of a wrong attempt and its own revision")
    fits = [f"{name(loss)} for {count:,}" for loss, count in losses.items()]
    return Safe(
        f"**preference**: {listed([Safe(each) for each in made])}; the rejected one was found "
        f"wrong and states an answer. The column `loss` says which APO loss fits a pair: "
        f"{listed([Safe(each) for each in fits])}."
    )


def limits(facts: Facts, figures: Figures) -> list[Safe]:
    """Return what a reader should know before trusting the rows."""
    found = []
    if facts.simulated:
        found.append("The student is simulated: its mistakes are those that it was built to make.")
    if any(each.role == "teacher" and each.kind == "embedded" for each in facts.faculty):
        found.append(
            "The lessons grow from patterns that a program fills in; their wording is of few kinds."
        )
    if any(each.kind == "chat" for each in facts.faculty):
        found.append(
            "Models had a part in it. What their makers allow to be done with what they say is "
            "not known here."
        )
    judged = sum(facts.rungs.get("judge", {}).values())
    if judged:
        found.append(
            f"A judge decided on {counted(judged, 'attempt')}: a model, which can be wrong in ways "
            "that a program is not."
        )
    if figures.licences.get(None):
        found.append(
            f"{counted(figures.licences[None], 'row')} grew from expert seeds without a licence."
        )
    if any(not run.finished for run in facts.runs):
        found.append("A run was unfinished when this was exported.")
    found.append("An accepted attempt has a right answer; its way there was checked only where "
                 "steps are.")  # fmt: skip
    found.append("Levels are the teacher's, not measured on people.")
    return [Safe(each) for each in found]
