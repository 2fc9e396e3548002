"""The messages and wordings of text manipulation.

No word is spelled the same backwards, begins with the letter that it ends with, or lacks a vowel:
every operation changes every word. A good third begin with a vowel.
"""

_WORDS = """
acorn album amber anchor animal answer apple april apron arch armour arrow artist atlas autumn
early earth echo eleven empty evening event exact island ivory iron idea index insect ocean
olive onion open orange orchid oven owner uncle under unit urban banner basket beacon bitter
blanket bottle branch bright butter cabin camel candle carpet castle cheese circle cloud copper
cotton dancer desert dinner donkey dragon falcon feather finger flower forest garden gentle
ginger golden hammer harbour hidden honey jacket jungle kettle kitten ladder lantern lemon
letter linen lizard magnet marble meadow mirror monkey needle nephew paint paper parrot pencil
pepper pillow planet pocket purple rabbit ribbon rocket saddle salmon silver simple spider
stone summer table temple thunder timber tunnel valley velvet violin wagon walnut water winter
wizard yellow zebra
"""
WORDS = tuple(sorted(_WORDS.split()))
_PLACES = (
    'Take the text "{message}".',
    'A note on the fridge says "{message}".',
    'Two spies agree on the message "{message}".',
    'The sign above a shop reads "{message}".',
    'All day a parrot repeats "{message}".',
    'On a crumpled ticket somebody has written "{message}".',
    'A telegram with the words "{message}" arrives.',
    'The riddle book begins with "{message}".',
)
_ASKS = ("What is the result?", "What do you get?", "Write down what comes of it.")
FRAMES = tuple(f"{place} {{todo}} {ask}" for place in _PLACES for ask in _ASKS)
OPERATIONS = {
    "caesar": (
        "move every letter {by} places {way} in the alphabet, where a and z are neighbours",
        "replace each letter by the one {by} places {way} in the alphabet, closed to form a ring",
        "shift all letters {by} places {way} in the alphabet and go round past its end",
    ),
    "every_kth": (
        "keep only every {ordinal} letter, beginning with the {ordinal} one and not counting "
        "spaces, and write the kept letters as one word",
        "leave the spaces out and write down letters number {by}, twice {by}, three times {by} and "
        "so forth as one word",
        "number the letters from 1, without the spaces, and put together those whose number {by} "
        "divides",
    ),
    "remove_vowels": (
        "remove the vowels a, e, i, o and u",
        "strike out every a, e, i, o and u",
        "leave out all vowels, which are a, e, i, o and u",
    ),
    "reverse_words": (
        "put the words in reverse order, without changing the words themselves",
        "write the words from the last to the first, each as it is",
        "turn the order of the words round, but leave each word as it is",
    ),
    "reverse_letters": (
        "spell each word backwards, without changing the order of the words",
        "reverse the letters within each word, and leave the words in their places",
        "write every word from its last letter to its first, the words staying in order",
    ),
    "swap_ends": (
        "swap the first and the last letter of each word",
        "let the first and the last letter of every word change places",
        "exchange the outer two letters of each word",
    ),
    "sort_words": (
        "put the words in alphabetical order",
        "sort the words from a to z",
        "arrange the words as a dictionary would",
    ),
    "count": (
        "count the letters that are left, without the spaces",
        "find out how many letters remain, not counting spaces",
        "state the number of letters that the text still has, spaces left out",
    ),
}
"""Three wordings of each operation."""
