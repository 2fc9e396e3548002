"""The stories in which the calendar is asked for; `{day}`, `{date}` ... are filled in later."""

_ON_A_WEEKDAY = (
    "A letter is posted on a {day}.",
    "A ship leaves its port on a {day}.",
    "A market is held on a {day}.",
    "A page of a diary is dated to a {day}.",
    "Work on a bridge begins on a {day}.",
    "A jar of pickles is sealed on a {day}.",
    "A library book is lent on a {day}.",
    "A comet is seen on a {day}.",
)
_ON_A_DATE = (
    "A parcel is posted on {date}.",
    "Seeds are sown on {date}.",
    "A library book is lent on {date}.",
    "A bill is written on {date}.",
    "A ship leaves its port on {date}.",
    "A cheese is laid in the cellar on {date}.",
    "The roof of a house is begun on {date}.",
    "A comet is first seen on {date}.",
)


def _crossed(openings: tuple[str, ...], questions: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{opening} {question}" for opening in openings for question in questions)


WEEKDAY_AFTER = _crossed(
    _ON_A_WEEKDAY,
    (
        "Which day of the week is it {n} days {way}?",
        "What weekday does the calendar show {n} days {way}?",
        "Name the weekday {n} days {way}.",
    ),
)
WEEKDAY_TWICE = _crossed(
    _ON_A_WEEKDAY,
    (
        "Go {n} days {go} and from there {m} days {go2}. Which day of the week do you reach?",
        "One event is {n} days {way}; a second one is {m} days {way2} than the first. "
        "On which weekday is the second event?",
        "Which weekday do you get to if you move {n} days {go}, then {m} days {go2}?",
    ),
)
WEEKDAY_OF_DATE = (
    "{date} falls on a {day}. On which weekday does {last} fall?",
    "In a calendar {date} is a {day}. Which day of the week is {last}?",
    "Given that {date} is a {day}, find the weekday of {last}.",
    "A club meets for the first time on {date}, a {day}, and has its great feast on {last}. "
    "Which weekday is the feast?",
    "A diary opens with the words: {day}, {date}. Its last entry is of {last}. "
    "Which weekday belongs to the last entry?",
    "A loan is made on {date}, which is a {day}, and must be paid back on {last}. "
    "On which day of the week is that?",
    "The building of a tower begins on {date}, a {day}. It is finished on {last}. "
    "Name the weekday on which it is finished.",
    "Somebody is born on {date}, a {day}, and walks alone for the first time on {last}. "
    "Which weekday is that?",
)
DATE_AFTER = _crossed(
    _ON_A_DATE,
    (
        "What is the date {n} days later?",
        "Which date is reached after {n} days?",
        "Give the date that lies {n} days after that.",
    ),
)
DAYS_BETWEEN = (
    "A parcel was posted on {date} and delivered on {last}. After how many days was it delivered?",
    "How many days after {date} is {last}?",
    "Seeds were sown on {date} and came up on {last}. How many days later was that?",
    "A hotel guest arrives on {date} and leaves on {last}. How many nights does the guest stay?",
    "How many times does the date change between noon on {date} and noon on {last}?",
    "A ship set sail on {date} and came home on {last}. How many days later was that?",
    "Today is {date}. In how many days is it {last}?",
    "A scaffold was put up on {date} and taken down on {last}. After how many days was that?",
)
LEAP_YEARS = (
    "How many leap years are there from {first} to {last}, both years included?",
    "Count the leap years in the Gregorian calendar from {first} up to and including {last}.",
    "A town keeps its weather records for every year from {first} to {last}. "
    "How many of these years are leap years?",
    "How many times does a 29 February occur from the beginning of {first} to the end of {last}?",
    "A calendar maker prints a calendar for each year from {first} to {last}. "
    "How many of these calendars have a 29 February?",
    "A chronicle has a page for each year from {first} to {last}. "
    "How many of the pages are for leap years?",
    "From 1 January {first} to 31 December {last}, how many years have 366 days?",
    "A tower clock needs to be set by hand on every 29 February. "
    "How often does that happen from {first} to {last}, both included?",
)
