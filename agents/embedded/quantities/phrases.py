"""The sentences of the stories, by what they tell; `story.Story.say` picks one and fills it in.

Every sentence stands alone: it names whom and what it is about, so that others may come between.
Placeholders: h the holder, g another one, hs "Rosa's"; past, part, base the verb of getting; lost,
lost_part the verb of losing; n an amount with its noun; things the noun; pool what the story has
come to; then and early say when.
"""

EARLY = (
    "in the morning", "first of all", "early in the day", "right after opening", "to begin with",
    "at first", "before breakfast", "in the first part of the day",
)  # fmt: skip

LATER = (
    "shortly afterwards", "a little later", "before noon", "around noon", "after lunch",
    "in the afternoon", "late in the afternoon", "before closing time", "that evening",
    "the next morning", "the day after",
)  # fmt: skip
"""In the order in which they may follow each other."""

GIVEN = (
    "{h} {past} {n}",
    "{early}, {h} {past} {n}",
    "{early}, {n} {was} {part} by {h}",
    "{h} {past} {n} {early}",
    "according to the notes, {h} {past} {n}",
    "by ten o'clock, {h} had {part} {n}",
    "it was {h} who {past} the first {n}",
)
ALSO_GIVEN = (
    "{h} {past} {n}",
    "meanwhile, {h} {past} {n}",
    "{n} {was} {part} by {h}",
    "at the same time, {h} {past} {n}",
    "{h} also {past} {n}",
    "the list also says that {h} {past} {n}",
    "{h}, who worked nearby, {past} {n}",
)
GROUPS = (
    "{h} {past} {packs} of {n} each",
    "{early}, {h} {past} {packs} of {n} each",
    "{h} {past} {packs} of {things}, with {n} to each {pack}",
    "{packs} of {n} each {were} {part} by {h}",
    "there {was} {n} to each {pack}, and {h} {past} {packs} of them",
    "{h} {past} {things} for {packs}, {n} for each {pack}",
)
PACE = (
    "{h} {past} {n} an hour for {hours}",
    "for {hours}, {h} {past} {n} an hour",
    "{h} was busy for {hours} and {past} {n} an hour",
    "{h} kept going for {hours} and {past} {n} an hour",
    "every hour, {h} {past} {n}, and did so for {hours}",
    "working for {hours}, {h} {past} {n} an hour",
)

DIFFER = (
    "{h} {past} {diff} than {g}",
    "{h} {past} {diff} than {g} did",
    "compared with {g}, {h} {past} {diff}",
    "{diff} {was} {part} by {h} than by {g}",
)
DIFFER_REVERSED = (
    "{g} {past} {diff} than {h}",
    "{g} {past} {diff} than {h} did",
    "compared with {h}, {g} {past} {diff}",
)
TIMES = (
    "{h} {past} {k} times {as_many} as {g}",
    "{h} {past} {k} times {as_many} as {g} did",
    "compared with {g}, {h} {past} {k} times {as_many}",
    "{k} times {as_many} {was} {part} by {h} as by {g}",
)
TIMES_REVERSED = (
    "{g} {past} {k} times {as_many} as {h}",
    "{g} {past} {k} times {as_many} as {h} did",
    "compared with {h}, {g} {past} {k} times {as_many}",
)
PART_OF_OTHER = (
    "{h} {past} {share} {as_many} as {g}",
    "{h} {past} only {share} {as_many} as {g} did",
    "compared with {g}, {h} {past} {share} {as_many}",
    "{h} {past} {things} too, but only {share} {as_many} as {g}",
)
PERCENT_CHANGE = (
    "{h} {past} {share} {word} {things} than {g}",
    "{h} {past} {share} {word} {things} than {g} did",
    "compared with {g}, {h} {past} {share} {word} {things}",
)
FOR_EVERY = (
    "for every {theirs} {things} that {g} {past}, {h} {past} {mine}",
    "{g} and {h} {past} {things} in the ratio {theirs} : {mine}",
    "the numbers of {things} that {g} and {h} {past} were in the ratio {theirs} : {mine}",
    "whenever {g} {past} {theirs} {things}, {h} {past} {mine}",
)

LOSE = (
    "{then}, {h} {lost} {n}",
    "{h} {lost} {n} {then}",
    "{then}, {n} {was} {lost_part} by {h}",
    "from {hs} {things}, {size} {was} {lost_part} {then}",
)
LOSE_PART = (
    "{then}, {share} of {hs} {things} {was} {lost_part}",
    "of {hs} {things}, {share} {was} {lost_part} {then}",
    "{then}, {share} of the {things} {h} had {was} {lost_part}",
)
GAIN = (
    "{then}, {h} {past} another {n}",
    "{h} {past} another {n} {then}",
    "{then}, {h} {past} {more}",
    "{then}, another {n} {was} {part} by {h}",
    "{more} {was} {part} by {h} {then}",
)

PACK = (
    "each {pack} holds {n}",
    "each {pack} has room for {n}",
    "{n} fit into each {pack}",
)
FILLED = (
    "{pool} filled {packs} that hold {n} each",
    "{then}, {pool} filled {packs} that hold {n} each",
    "{pool} were put into {packs} with room for {n} each",
)
DIVIDE_INTO = (
    "{pool} {was} {packing} {packs} of {size}",
    "{then}, {pool} {was} {packing} {packs} of {size} each",
)
SHARE = (
    "{pool} {was} shared equally among {takers}",
    "{then}, {takers} shared {pool} equally",
    "{then}, {pool} {was} divided equally among {takers}",
)
SPLIT = (
    "{pool} {was} divided between {one} and {other} in the ratio {a} : {b}",
    "{then}, {one} and {other} shared {pool} in the ratio {a} : {b}",
    "{pool} went to {one} and {other} in the ratio {a} to {b}",
)
PRICE = (
    "{payer} paid {money} for each of {pool}",
    "{then}, {payer} paid {money} for each of {pool}",
    "for each of {pool}, {payer} paid {money}",
)
SPEND = (
    "{money} of this money was spent on {purpose}",
    "{then}, {money} of the money went on {purpose}",
    "of this money, {money} was needed for {purpose}",
)
TRAIT = (
    "{share} of {pool} {was} {trait}",
    "of {pool}, {share} {was} {trait}",
    "the notes say that {share} of {pool} {was} {trait}",
    "{then}, someone noticed that {share} of {pool} {was} {trait}",
)
CHORE = (
    "{worker} can {chore} {n} {per}",
    "it takes {worker} {per} to {chore} {n}",
    "{worker} is able to {chore} {n} {per}",
)
TOOK = (
    "it took {h} {times} to {base} all these {things}",
    "{h} needed {times} to {base} all these {things}",
    "{h} spent {times} in all to {base} these {things}",
)

WORKERS = ("an inspector", "a helper", "a careful student", "a machine", "a new colleague")
CHORES = ("check", "count", "label", "photograph", "inspect", "list")
PAYERS = (
    "a sponsor", "a client", "the town council", "a local company", "a generous neighbour",
    "a foundation",
)  # fmt: skip
PURPOSES = (
    "repairs", "new tools", "transport", "cleaning", "a small party", "the rent", "snacks",
    "a new sign",
)  # fmt: skip

DISTRACTORS = (
    "there were also {n} at {place}",
    "{h} saw {n} there, too",
    "somebody counted {n} as well",
    "{h} also noticed {n}",
    "besides, there were {n} nearby",
    "an old photo on the wall shows {n}",
)
DISTRACTING_NUMBERS = (
    "{h} has been coming to {place} for {years} years",
    "{h} first heard of {place} {years} years ago",
    "{h} has known {place} for {years} years",
    "{h} first came to {place} {years} years ago",
)
