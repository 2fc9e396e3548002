"""The questions that end the stories, by what they ask; the placeholders are those of `phrases`."""

LEADS = ("", "", "", "so ", "in the end, ", "according to all this, ", "now the question: ")

DID = (
    "{how_many} did {h} {base}",
    "{how_many} were {part} by {h}",
    "what is the number of {measured} that {h} {past}",
)
DID_IN_ALL = (
    "{how_many} did {h} {base} in all",
    "{how_many} did {h} {base} altogether",
    "{how_many} had {h} {part} by then",
    "what is the total number of {measured} that {h} {past}",
    "{how_many} were {part} by {h} in total",
)
LEFT = (
    "{how_many} did {h} have left",
    "{how_many} did {h} still have",
    "{how_many} remained with {h}",
    "{how_many} were left for {h}",
    "what number of {measured} did {h} have left",
)
HAD = (
    "{how_many} did {h} have after that",
    "{how_many} did {h} have at the end",
    "{how_many} were with {h} after all this",
    "what number of {measured} did {h} have at the end",
)
TOGETHER_DID = (
    "{how_many} did {all} {base} in all",
    "{how_many} did {all} {base} altogether",
    "{how_many} were {part} by {all} together",
    "what is the total number of {measured} that {all} {past}",
)
TOGETHER_HAD = (
    "{how_many} did {all} have in all after that",
    "{how_many} did {all} still have between them",
    "{how_many} did {all} have together at the end",
    "what is the total number of {measured} that {all} had at the end",
)
MORE_DID = (
    "{how_many_more} did {h} {base} than {g}",
    "{how_many_more} were {part} by {h} than by {g}",
    "by {how_many} did {h} outdo {g}",
)
MORE_HAD = (
    "{how_many_more} did {h} have than {g} after that",
    "{how_many_more} did {h} have at the end than {g}",
    "{how_many_more} were left with {h} than with {g}",
)
PACKED = (
    "how many {packs} did {pool} fill",
    "how many {packs} were needed for {pool}",
    "how many {packs} can be filled with {pool}",
)
DIVIDED_INTO = (
    "how many {packs} did that make",
    "how many {packs} did that give",
    "how many {packs} were there",
)
SHARED = ("{how_many} did each {taker} get", "{how_many} did each {taker} receive")
SPLIT = (
    "{how_many} did the {taker} get",
    "{how_many} went to the {taker}",
    "{how_many} did the {taker} receive",
)
PAID = (
    "how many dollars did {payer} pay",
    "how many dollars did {payer} pay in all",
    "how many dollars did this bring in",
)
MONEY_LEFT = (
    "how many dollars were left",
    "how many dollars remained",
    "how many dollars of the money were left over",
)
TRAIT = (
    "{how_many} were {trait}",
    "how many {trait} {things} were there",
    "how many of {pool} were {trait}",
)
NOT_TRAIT = (
    "{how_many} were not {trait}",
    "how many of {pool} were not {trait}",
    "how many {things} were left that were not {trait}",
)
WHAT_SHARE = (
    "what {share} of {pool} was that",
    "what {share} of {pool} were {trait}",
    "what {share} of {pool} did the {trait} {things} make up",
)
CHORE = (
    "how many {times} did {worker} need to {chore} {pool}",
    "how many {times} did it take {worker} to {chore} {pool}",
    "for how many {times} was {worker} busy with {pool}",
)
AVERAGE = (
    "how many {things} {per} did {h} {base} on average",
    "on average, how many {things} did {h} {base} {per}",
    "how many {things} {per} was that on average",
)
