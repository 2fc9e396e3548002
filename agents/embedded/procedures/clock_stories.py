"""The stories in which clock time is asked for; `{time}`, `{a}`, `{b}` ... are filled in later.

Each trip has an opening, the whole of it, its three parts, and the question. One leg tells the
whole, two legs the first and last part, three legs all parts.
"""

Story = tuple[str, str, str, str, str, str]

TRIPS: tuple[Story, ...] = (
    (
        "A train leaves the harbour at {time}.",
        "The journey to the capital",
        "The ride to the border",
        "the stop there",
        "the ride on to the capital",
        "At what time does the train reach the capital?",
    ),
    (
        "A baker begins a batch of rye bread at {time}.",
        "All the work until the bread is done",
        "Kneading the dough",
        "letting it rise",
        "baking it",
        "At what time is the bread done?",
    ),
    (
        "A lorry sets out from the depot at {time}.",
        "The drive to the market",
        "The drive to the warehouse",
        "loading there",
        "the drive to the market",
        "When does the lorry get to the market?",
    ),
    (
        "The backup of a server starts at {time}.",
        "The whole backup",
        "Copying the files",
        "compressing them",
        "testing the copy",
        "At what time is the backup finished?",
    ),
    (
        "A film crew starts work at {time}.",
        "Everything that is planned",
        "Building the set",
        "the rehearsal",
        "shooting the scene",
        "What time is it when the crew has finished?",
    ),
    (
        "A ferry casts off at {time}.",
        "The crossing to the mainland",
        "The crossing to the island",
        "the call at its port",
        "the crossing to the mainland",
        "When does the ferry arrive at the mainland?",
    ),
    (
        "A climber leaves the valley at {time}.",
        "The way up to the summit",
        "The path to the hut",
        "the rest there",
        "the climb to the summit",
        "At what time does the climber stand on the summit?",
    ),
    (
        "In a laboratory a measurement begins at {time}.",
        "The measurement",
        "Warming up the device",
        "the first series",
        "the second series",
        "At what time does the measurement end?",
    ),
    (
        "A touring band gets to the hall at {time}.",
        "Everything up to the last song",
        "Setting up",
        "the sound check",
        "the concert",
        "What time is it after the last song?",
    ),
    (
        "The night bus starts from the airport at {time}.",
        "The ride to the lake",
        "The ride into town",
        "the break there",
        "the ride on to the lake",
        "When does the bus get to the lake?",
    ),
)

DEADLINES: tuple[Story, ...] = (
    (
        "A plane takes off at {time}.",
        "Getting to it from home",
        "The drive to the airport",
        "the security check",
        "the way to the gate",
        "What is the latest time to leave home?",
    ),
    (
        "Fresh rolls have to be ready at {time}.",
        "Making them",
        "Mixing the dough",
        "letting it rise",
        "baking the rolls",
        "At what time must the baker begin?",
    ),
    (
        "A lorry reached the market at {time}.",
        "The drive there",
        "The drive to the warehouse",
        "loading there",
        "the drive on to the market",
        "When had the lorry set out?",
    ),
    (
        "The update of a computer network has to be finished at {time}.",
        "The update",
        "Saving the old data",
        "the installation",
        "the final test",
        "At what time must the update start?",
    ),
    (
        "A ferry reached the mainland at {time}.",
        "The crossing",
        "The first part of the crossing",
        "the call at an island",
        "the second part of the crossing",
        "At what time had the ferry cast off?",
    ),
    (
        "A walking group stood on the summit at {time}.",
        "The way up from the valley",
        "The path to the hut",
        "the rest there",
        "the climb to the top",
        "When had the group left the valley?",
    ),
    (
        "A newspaper must be on the delivery van at {time}.",
        "The work on the last page",
        "Writing the last page",
        "setting it",
        "the printing",
        "At what time must work on the last page begin?",
    ),
    (
        "A measurement in a laboratory ended at {time}.",
        "The measurement",
        "Warming up the device",
        "the first series",
        "the second series",
        "At what time had it begun?",
    ),
)

ONE_SPAN: tuple[str, ...] = (
    "A film starts at {a} and ends at {b}. How many minutes long is it?",
    "A train leaves at {a} and arrives at {b} that day. How many minutes does the ride take?",
    "The library's reading hour lasts from {a} to {b}. How many minutes is that?",
    "A gardener waters the beds from {a} until {b}. For how many minutes does the water run?",
    "The lift was out of order from {a} to {b}. How many minutes was it out of order?",
    "A chess game began at {a} and was over at {b}. How many minutes did it take?",
    "The car park ticket was drawn at {a} and paid at {b}. How many minutes was the car there?",
    "How many minutes pass on a clock between {a} and {b} of the same day?",
)

TWO_SPANS: tuple[str, ...] = (
    "A nurse works from {a} to {b} and again from {c} to {d}. How many minutes is that altogether?",
    "A shop is open from {a} to {b} and from {c} to {d}. For how many minutes is it open that day?",
    "The first half of a play runs from {a} to {b}, the second from {c} to {d}. "
    "How many minutes is the play, without the interval?",
    "A cyclist rides from {a} to {b}, rests, and rides on from {c} to {d}. "
    "How many minutes were spent riding?",
    "A pump ran from {a} until {b} and from {c} until {d}. How many minutes did it run in all?",
    "The heating was on between {a} and {b} and between {c} and {d}. How many minutes is that?",
    "One music class lasts from {a} to {b}, the next from {c} to {d}. "
    "How many minutes do the two classes take together?",
    "A ferry was at sea from {a} to {b} and from {c} to {d}. How many minutes was it at sea?",
)

NIGHTS: tuple[str, ...] = (
    "A night shift lasts from {a} until {b} the next morning, with a pause of {pause}. "
    "How many minutes of work is that?",
    "A night train leaves at {a} and arrives at {b} the next day. It stands still for {pause} "
    "on the way. For how many minutes does it move?",
    "An astronomer observes from {a} to {b} the following morning, but clouds hide the sky for "
    "{pause}. How many minutes of clear sky does that leave?",
    "A radio programme starts at {a} and goes on until {b} the next morning; {pause} of it is "
    "news, the rest is music. How many minutes of music are played?",
    "A machine is switched on at {a} and off at {b} the next day. In between it was idle for "
    "{pause}. How many minutes did it really run?",
    "A watchman comes at {a} and leaves at {b} the next morning. Breaks of {pause} in all are not "
    "paid. For how many minutes is the watchman paid?",
    "Somebody goes to bed at {a} and gets up at {b} the next morning, but lies awake for {pause}. "
    "How many minutes of sleep is that?",
    "A lorry is on the road from {a} until {b} the next day; the driver rests for {pause}. "
    "How many minutes does the driver drive?",
)


def told(stories: tuple[Story, ...], level: int) -> tuple[str, ...]:
    """Return the templates of the stories, with as many legs as the level says."""
    return tuple(f"{story[0]} {_legs_told(story, level)} {story[5]}" for story in stories)


def _legs_told(story: Story, level: int) -> str:
    _, whole, first, middle, last, _ = story
    if level == 1:
        return f"{whole} takes {{a}}."
    if level == 2:
        return f"{first} takes {{a}} and {last} {{b}}."
    return f"{first} takes {{a}}, {middle} {{b}} and {last} {{c}}."
