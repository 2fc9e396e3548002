"""Which script a letter belongs to, by ranges of Unicode's code charts.

What a newcomer gets wrong: a script is no language. Latin letters write English, Turkish and
Swahili, and nothing here tells them apart.
"""

RANGES: dict[str, tuple[tuple[int, int], ...]] = {
    "arabic": ((0x600, 0x6FF), (0x750, 0x77F), (0x870, 0x8FF), (0xFB50, 0xFDFF), (0xFE70, 0xFEFC)),
    "armenian": ((0x530, 0x58F),),
    "bengali": ((0x980, 0x9FF),),
    "cyrillic": ((0x400, 0x52F), (0x1C80, 0x1C8F), (0xA640, 0xA69F)),
    "devanagari": ((0x900, 0x97F), (0xA8E0, 0xA8FF)),
    "ethiopic": ((0x1200, 0x139F), (0x2D80, 0x2DDF)),
    "georgian": ((0x10A0, 0x10FF), (0x1C90, 0x1CBF)),
    "greek": ((0x370, 0x3FF), (0x1F00, 0x1FFF)),
    "gujarati": ((0xA80, 0xAFF),),
    "gurmukhi": ((0xA00, 0xA7F),),
    "han": (
        *((0x3005, 0x3007), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF)),
        (0x20000, 0x323AF),
    ),
    "hangul": ((0x1100, 0x11FF), (0x3130, 0x318F), (0xA960, 0xA97F), (0xAC00, 0xD7FF)),
    "hebrew": ((0x590, 0x5FF), (0xFB1D, 0xFB4F)),
    "hiragana": ((0x3041, 0x309F),),
    "kannada": ((0xC80, 0xCFF),),
    "katakana": ((0x30A0, 0x30FF), (0x31F0, 0x31FF), (0xFF66, 0xFF9F)),
    "khmer": ((0x1780, 0x17FF),),
    "lao": ((0xE80, 0xEFF),),
    "latin": (
        *((0x41, 0x5A), (0x61, 0x7A), (0xAA, 0xAA), (0xBA, 0xBA), (0xC0, 0x2AF)),
        *((0x1E00, 0x1EFF), (0x2C60, 0x2C7F), (0xA720, 0xA7FF)),
    ),
    "malayalam": ((0xD00, 0xD7F),),
    "myanmar": ((0x1000, 0x109F),),
    "tamil": ((0xB80, 0xBFF),),
    "telugu": ((0xC00, 0xC7F),),
    "thai": ((0xE00, 0xE7F),),
}
"""First and last code point of each range. Multiplication and division signs lie within Latin's,
and are no letters."""
UNSPACED = ("han", "hiragana", "katakana", "khmer", "lao", "myanmar", "thai")
"""Scripts that put no space between words."""


def belongs(character: str, script: str) -> bool:
    """Return whether a character lies in a script's ranges."""
    return any(first <= ord(character) <= last for first, last in RANGES[script])
