"""Every data set that is taught, with the real package: each reference is worked out again.

The programs here read a question and answer it without looking at the generator's answer. Where the
package is not installed, all of it is skipped.
"""

import asyncio
import itertools
import json
import math
import re
from collections import Counter, deque
from fractions import Fraction

import pytest

from agents.parsing import extract_answer
from agents.reasoning_gym.data_sets import BY_DEFAULT, DATA_SETS
from agents.reasoning_gym.generator import Generator, installed_version
from agents.reasoning_gym.questions import MAX_QUESTION, MAX_REFERENCE
from agents.reasoning_gym.teacher import ReasoningGymTeacher
from agents.screen import screen
from agents.verifiers import verifier
from storage.records import Assignment, CallSite

pytestmark = pytest.mark.skipif(
    installed_version() is None, reason='pip install "lyceum[reasoning_gym]"'
)
PER_LEVEL = 50
PLACES = [(name, level) for name, each in DATA_SETS.items() for level in range(1, each.levels + 1)]
CHECKED = verifier("reasoning_gym")
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
AROUND = ((1, 0), (-1, 0), (0, 1), (0, -1))


async def lessons_of(teacher, skill, level, count):
    site = CallSite(trajectory_id="t", seed=1, role="teacher")
    asked = [
        Assignment(n=n, skill=skill, level=level, seed=1, ordinal=n)
        for n in range(min(count, teacher.capacity(skill, level) or count))
    ]
    return [await teacher.write_lesson(each, site, None) for each in asked]


@pytest.fixture(scope="module")
def teacher():
    return ReasoningGymTeacher(installed_version() or "", seed=7)


@pytest.fixture(scope="module")
def made(teacher):
    """Lessons by place; each is made once."""
    found = {}

    def of(skill, level):
        if (skill, level) not in found:
            found[skill, level] = asyncio.run(lessons_of(teacher, skill, level, PER_LEVEL))
        return found[skill, level]

    return of


def passes(lesson, answer):
    check = CHECKED.check(answer=answer, reference=lesson.reference, data=lesson.data)
    return asyncio.run(check).finding == "passed"


@pytest.mark.parametrize(("skill", "level"), PLACES)
def test_each_reference_is_accepted_as_a_student_states_it(made, skill, level):
    for lesson in made(skill, level):
        stated = f"First:\nAnswer: 5\n<answer>\n5\n</answer>\nAnswer: {lesson.reference}"
        if DATA_SETS[skill].rows:
            stated = f"First: <answer>5</answer>\n<answer>\n{lesson.reference}\n</answer>\nSo be it"
        answer = extract_answer(stated, lesson.task.answer_pattern)
        assert passes(lesson, answer), lesson.reference


@pytest.mark.parametrize(("skill", "level"), PLACES)
def test_each_reference_is_what_a_program_of_ours_makes_of_the_question(made, skill, level):
    for lesson in made(skill, level):
        question, reference = lesson.task.question, lesson.reference
        if skill == "cryptarithm":
            assert adds_up(question, reference)
        elif skill == "shortest_path":
            steps_of = None if reference == "infeasible" else len(reference.split())
            assert shortest_path(question) == steps_of
        else:
            mine = WORKED[skill](question)
            assert passes(lesson, mine), (question, mine, reference)


@pytest.mark.parametrize(("skill", "level"), PLACES)
def test_mutants_trivial_answers_and_references_of_other_lessons_are_refused(made, skill, level):
    lessons, refused = made(skill, level), 0
    for n, lesson in enumerate(lessons):
        wrong = {*CHECKED.mutants(lesson.reference, lesson.data)}
        wrong |= {*CHECKED.trivial(lesson.task.question, lesson.data), "xyzzy or 42", "[]"}
        if skill not in ("jugs", "shortest_path"):  # there an answer may solve many puzzles
            others = (lessons[(n + k) % len(lessons)].reference for k in range(1, 6))
            wrong |= {
                other for other in others if same(skill, other) != same(skill, lesson.reference)
            }
        for answer in wrong:
            assert not passes(lesson, answer), (lesson.reference, answer)
        refused += len(wrong)
    assert refused >= 8 * len(lessons)


def same(skill, reference):
    """Return a reference so that two are equal if they state the same."""
    return re.sub("[<>\u2227\u2228\\s]+", " ", reference) if skill == "futoshiki" else reference


@pytest.mark.parametrize(("skill", "level"), PLACES)
def test_each_lesson_passes_the_screen_with_an_instruction_and_without_metadata(made, skill, level):
    lessons = made(skill, level)
    for lesson in lessons:
        assert asyncio.run(screen(lesson, strict=True)).refused == ()
        assert "nswer" in lesson.task.instruction
        assert set(lesson.data) <= {"data_set", "puzzle"}
        assert "metadata" not in lesson.model_dump_json()
    assert len({lesson.task.question for lesson in lessons}) == len(lessons)
    assert max(len(lesson.task.question) for lesson in lessons) <= MAX_QUESTION
    assert max(len(lesson.reference) for lesson in lessons) <= MAX_REFERENCE


@pytest.mark.parametrize("skill", BY_DEFAULT)
def test_no_answer_is_right_for_more_than_three_tenths_of_the_lessons(made, skill):
    levels = range(1, DATA_SETS[skill].levels + 1)
    shares = Counter(each.reference for level in levels for each in made(skill, level))
    assert shares.most_common(1)[0][1] <= 0.3 * shares.total()


def test_two_processes_make_the_same_items():
    one, other = Generator(), Generator()
    try:
        for name, each in DATA_SETS.items():
            for step in range(each.first_step, each.first_step + each.levels):
                for index in (1, 2**62 + 12_345):
                    item = one.item(name, step, index)
                    assert item == other.item(name, step, index)
        assert one.pid != other.pid
    finally:
        one.close()
        other.close()


# What a program makes of a question, by data set.


def integers(text):
    return [int(found) for found in re.findall(r"-?\d+", text)]


def rows(text):
    return [line.split() for line in text.strip().splitlines()]


def written(grid):
    return "\n".join(" ".join(map(str, row)) for row in grid)


def ab(question):
    waiting = question.partition("following program:")[2].partition("Return")[0].split()[::-1]
    done = []
    while waiting:
        token = waiting.pop()
        if not (token[0] == "#" and done and done[-1][1] == "#"):
            done.append(token)
        elif done[-1][0] == token[1]:
            done.pop()
        else:
            waiting += [done.pop(), token]
    return " ".join(done)


def base_conversion(question):
    named = {"binary": "2", "hexadecimal": "16"}
    found = re.search(r"the (?:base-)?(\w+) number (\w+) to (?:base-)?(\w+)", question)
    source, digits, sink = found.groups()
    left, base, text = int(digits, int(named.get(source, source))), int(named.get(sink, sink)), ""
    while left:
        left, digit = divmod(left, base)
        text = DIGITS[digit] + text
    return text


class Term:
    """A term of integers, worked out exactly."""

    def __init__(self, text):
        self.tokens = re.findall(r"\d+|[-+*/()]", text)[::-1]

    def value(self):
        value = self.product()
        while self.tokens and self.tokens[-1] in "+-":
            value += self.product() if self.tokens.pop() == "+" else -self.product()
        return value

    def product(self):
        value = self.factor()
        while self.tokens and self.tokens[-1] in "*/":
            value = value * self.factor() if self.tokens.pop() == "*" else value / self.factor()
        return value

    def factor(self):
        token = self.tokens.pop()
        if token in "+-":
            return self.factor() if token == "+" else -self.factor()
        if token == "(":
            value = self.value()
            self.tokens.pop()
            return value
        return Fraction(int(token))


def term(text):
    return Term(text).value()


def basic_arithmetic(question):
    return str(term(question.removeprefix("Calculate")))


def chain_sum(question):
    return str(term(question.partition(":")[2].partition("=")[0]))


def binary_alternation(question):
    bits = question.split()[-1]
    wanted = [("01" * len(bits))[start:][: len(bits)] for start in (0, 1)]
    swaps = [
        sum(a != b for a, b in zip(bits, want, strict=True)) // 2
        for want in wanted
        if want.count("1") == bits.count("1")
    ]
    return str(min(swaps, default=-1))


def caesar_cipher(question):
    """Return the shift of the text in which the letters stand as they do in English."""
    text = question.partition("text: ")[2].removesuffix(
        ". Provide only the decrypted text as your final answer."
    )
    shifted = ["".join(_turned(letter, by) for letter in text) for by in range(26)]
    return max(shifted, key=_english)


def _turned(letter, by):
    return chr((ord(letter) - ord("A") + by) % 26 + ord("A")) if letter.isalpha() else letter


PER_MILLE = {
    "E": 127, "T": 91, "A": 82, "O": 75, "I": 70, "N": 67, "S": 63, "H": 61, "R": 60, "D": 43,
    "L": 40, "C": 28, "U": 28, "M": 24, "W": 24, "F": 22, "G": 20, "Y": 20, "P": 19, "B": 15,
    "V": 10, "K": 8, "J": 2, "X": 2, "Q": 1, "Z": 1,
}  # fmt: skip
"""How often letters stand in English."""


PAIRS = re.compile(
    "(?=TH|HE|IN|ER|AN|RE|ON|AT|EN|ND|TI|ES|OR|TE|OF|ED|IS|IT|AL|AR|ST|TO|NT|NG|SE|HA|AS|OU|IO|LE|"
    "VE|CO|ME|DE|HI|RI|RO|IC|NE|EA|RA|CE|LI|CH|LL|BE|MA|SI|OM|UR|YO|KN|OW|SH|WH|WA|WE|NO|CA|LO)"
)
"""Before two letters that often stand together."""
WORDS = re.compile(
    r"\b(?:THE|OF|AND|TO|IN|IS|THAT|BE|IT|AS|FOR|WAS|WITH|HE|ON|YOU|NOT|THIS|HIS|OR|WE|ARE|BY|ALL|"
    r"MR|HAVE|WILL|MY|YOUR|AT|SAID|ITS|FROM|AN|IF|WHICH|OUR|DO|CAN|SO|HER|SHE|NO|HOW|BUT|ME|UP|MAN)\b"
)


def _english(text):
    letters = sum(math.log(PER_MILLE[letter]) for letter in text if letter in PER_MILLE)
    return letters + 2 * len(PAIRS.findall(text)) + 6 * len(WORDS.findall(text))


def count_bits(question):
    return str(integers(question)[1].bit_count())


def count_primes(question):
    low, high = integers(question)
    return str(
        sum(n > 1 and all(n % d for d in range(2, math.isqrt(n) + 1)) for n in range(low, high + 1))
    )


def course_schedule(question):
    pairs = [tuple(map(int, pair)) for pair in re.findall(r"\((\d+), (\d+)\)", question)]
    left = {course for pair in pairs for course in pair}
    while free := {c for c in left if not any(a == c and b in left for a, b in pairs)}:
        left -= free
    return str(not left)


def adds_up(question, reference):
    """Tell whether the digits of a reference make the sum right."""
    digits = str.maketrans(dict(pair.split("=") for pair in reference.split(",")))
    lines = question.partition("cryptarithm:")[2].partition("Each letter")[0].translate(digits)
    *addends, total = integers(lines)
    return sum(addends) == total and not re.search("[A-Z]", lines)


def dice(question):
    sides = [int(found) for found in re.findall(r"1d(\d+)", question.partition("(Assume")[0])]
    ways = Counter({0: 1})
    for each in sides:
        ways = sum(
            (Counter({n + face: k for n, k in ways.items()}) for face in range(1, each + 1)),
            Counter(),
        )
    target = int(re.search(r"rolling (\d+)", question)[1])
    odds = Fraction(sum(k for n, k in ways.items() if n >= target), math.prod(sides))
    return f"{odds.numerator}/{odds.denominator}"


def emoji_mystery(question):
    hidden = re.search(r"from the emoji: (.*)", question)[1][1:]
    return bytes(ord(sign) - 0xE0100 + 16 for sign in hidden).decode()


def futoshiki(question):
    body = question.partition("puzzle:\n\n")[2].partition("\n\nEnsure")[0].splitlines()
    size = len(body) // 2 + 1
    cells = {(r, c): body[2 * r].ljust(4 * size)[4 * c] for r in range(size) for c in range(size)}
    less = []
    for r, c in cells:
        beside = body[2 * r].ljust(4 * size)[4 * c + 2]
        below = body[2 * r + 1].ljust(4 * size)[4 * c] if r + 1 < size else " "
        for sign, there in ((beside, (r, c + 1)), (below, (r + 1, c))):
            if sign in "<\u2227":
                less.append(((r, c), there))
            elif sign in ">\u2228":
                less.append((there, (r, c)))
    return written(Latin(cells, size, lambda r, c: (), less).only())


def gcd(question):
    return str(math.gcd(*integers(question.partition(":")[2])))


def group_anagrams(question):
    groups = {}
    for word in json.loads(question.strip().splitlines()[-1]):
        groups.setdefault("".join(sorted(word)), []).append(word)
    return json.dumps([*groups.values()])


def isomorphic_strings(question):
    one, other = question.split()[-2:]
    pairs = set(zip(one, other, strict=True))
    return str(len(pairs) == len(set(one)) == len(set(other)))


def jugs(question):
    """Return the fewest moves."""
    target = int(re.search(r"target is: (\d+)", question)[1])
    sizes = {jug: int(size) for jug, size in re.findall(r"([A-Z]):(\d+)", question)}
    reached = {(0,) * len(sizes): []}
    waiting = deque(reached)
    while target not in (held := waiting.popleft()):
        for move, after in _moves(held, sizes):
            if after not in reached:
                reached[after] = [*reached[held], move]
                waiting.append(after)
    return json.dumps(reached[held])


def _moves(held, sizes):
    now = dict(zip(sizes, held, strict=True))
    for jug, size in sizes.items():
        yield f"fill {jug}", tuple((now | {jug: size}).values())
        yield f"empty {jug}", tuple((now | {jug: 0}).values())
        for other in sizes.keys() - {jug}:
            flow = min(now[jug], sizes[other] - now[other])
            after = now | {jug: now[jug] - flow, other: now[other] + flow}
            yield f"pour {jug}->{other}", tuple(after.values())


def largest_island(question):
    grid = rows(question.partition("grid:")[2].partition("An island")[0])
    land = {(r, c) for r, row in enumerate(grid) for c, cell in enumerate(row) if cell == "1"}
    largest = 0
    while land:
        island = {land.pop()}
        waiting = [*island]
        while waiting:
            r, c = waiting.pop()
            found = {(r + down, c + right) for down, right in AROUND} & land
            land -= found
            island |= found
            waiting += found
        largest = max(largest, len(island))
    return str(largest)


def lcm(question):
    return str(math.lcm(*integers(question.partition(":")[2])))


LEGS = {
    0: "snakes sea_slugs jellyfishs flatworms leechs",
    2: "chickens birds humans ducks",
    4: "dogs cats cows horses lions elephants giraffes tigers deers sheeps",
    6: "insects ants butterflys beetles bees wasps grasshoppers crickets cockroachs "
    "praying_mantiss fireflys",
    8: "spiders scorpions",
    10: "crabs lobsters shrimps",
    14: "woodlouses",
}
LEGS_OF = {animal.replace("_", " "): n for n, animals in LEGS.items() for animal in animals.split()}


def leg_counting(question):
    listed = re.findall(r"(\d+) ([a-z ]+)", question.partition("if you have")[2])
    return str(
        sum(int(count) * LEGS_OF[animal.removesuffix("s") + "s"] for count, animal in listed)
    )


def letter_counting(question):
    letter, text = re.search(r'letter "(.)" appear in the text: "(.*)"', question).groups()
    return str(text.casefold().count(letter))


def turned(matrix):
    return [[*row] for row in zip(*matrix[::-1], strict=True)]


def manipulate_matrix(question):
    matrix = rows(question.partition("matrix:")[2].partition("Perform")[0])
    for told in re.findall(r"^- (.*)$", question, re.MULTILINE):
        matrix = _transformed([[int(cell) for cell in row] for row in matrix], told)
    return written(matrix)


def _transformed(m, told):
    n = [*integers(told.replace("-", " ")), 0, 0]
    changes = {
        "Identity": lambda: m,
        "Rotate": lambda: _times(turned, n[0] // 90, m),
        "Horizontally": lambda: m[::-1],
        "Vertically": lambda: [row[::-1] for row in m],
        "Mirror the matrix along the diagonal": lambda: turned(m[::-1]),
        "Mirror the matrix along the counter": lambda: turned([row[::-1] for row in m]),
        "Map": lambda: [[n[1] if cell == n[0] else cell for cell in row] for row in m],
        "Set": lambda: [[0 if cell % n[0] == 0 else cell for cell in row] for row in m],
        "Crop": lambda: [row[n[2] - 1 : n[3]] for row in m[n[0] - 1 : n[1]]],
        "Remove": lambda: _thinned(m, n[0]) if " row" in told else turned(
            turned(turned(_thinned(turned(m), n[0])))
        ),
    }  # fmt: skip
    [change] = [made for words, made in changes.items() if told.startswith(words)]
    return change()


def _times(change, count, matrix):
    for _ in range(count):
        matrix = change(matrix)
    return matrix


def _thinned(matrix, n):
    return [row for place, row in enumerate(matrix, start=1) if place % n]


def steps(cells, start, goal, free):
    reached, waiting = {start: 0}, deque([start])
    while waiting:
        r, c = here = waiting.popleft()
        if here == goal:
            return reached[here]
        for down, right in AROUND:
            there = r + down, c + right
            if there not in reached and cells.get(there) in (*free, cells[goal]):
                reached[there] = reached[here] + 1
                waiting.append(there)
    return None


def _cells(lines):
    return {(r, c): cell for r, line in enumerate(lines) for c, cell in enumerate(line)}


def _place(cells, cell):
    return next(place for place, each in cells.items() if each == cell)


def maze(question):
    start, goal = re.match(r"Navigate from '(.)' \(start\) to '(.)'", question).groups()
    passage = re.search(r"= Wall, '(.)' = Passage", question)[1]
    cells = _cells(question.split("\n```\n")[1].splitlines())
    return str(steps(cells, _place(cells, start), _place(cells, goal), passage))


class Latin:
    """A grid in which no number stands twice in a row, a column or another set of cells."""

    def __init__(self, cells, size, box, less=()):
        self.size = size
        self.value = {cell: int(text) for cell, text in cells.items() if text != "_"}
        self.open = set(cells) - set(self.value)
        self.beside = {
            (r, c): {(x, y) for x, y in cells if (x == r or y == c or box(x, y) == box(r, c) != ())}
            for r, c in cells
        }
        self.below, self.above = {}, {}
        for small, large in less:
            self.above.setdefault(small, []).append(large)
            self.below.setdefault(large, []).append(small)

    def only(self):
        """Return the only way to fill it."""
        found = [*itertools.islice(self.ways(), 2)]
        assert len(found) == 1, f"{len(found)} ways"
        return found[0]

    def ways(self):
        if not self.open:
            yield [[self.value[r, c] for c in range(self.size)] for r in range(self.size)]
            return
        cell = min(self.open, key=lambda each: len(self.fitting(each)))
        self.open.remove(cell)
        for number in self.fitting(cell):
            self.value[cell] = number
            yield from self.ways()
            del self.value[cell]
        self.open.add(cell)

    def fitting(self, cell):
        taken = {self.value.get(other) for other in self.beside[cell]}
        low = max((self.value.get(o, 0) for o in self.below.get(cell, ())), default=0)
        high = min((self.value.get(o, 99) for o in self.above.get(cell, ())), default=99)
        return [n for n in range(1, self.size + 1) if n not in taken and low < n < high]


def _sudoku(question, side):
    size = side * side
    lines = [line.split() for line in question.splitlines()]
    grid = [line for line in lines if len(line) == size and all(len(cell) == 1 for cell in line)]
    return written(Latin(_cells(grid), size, lambda r, c: (r // side, c // side)).only())


def mini_sudoku(question):
    return _sudoku(question, 2)


def sudoku(question):
    return _sudoku(question, 3)


def number_filtering(question):
    told = re.match(r"(Keep|Remove) all numbers (larger|smaller) than (\S+) in", question)
    bound, larger = Fraction(told[3]), told[2] == "larger"
    found = re.findall(r"'(.*?)'", question)
    sizes = [Fraction(text) > bound if larger else Fraction(text) < bound for text in found]
    kept = [text for text, hit in zip(found, sizes, strict=True) if hit == (told[1] == "Keep")]
    return str(kept)


def number_sorting(question):
    order, found = re.match(r"Sort these numbers in (\w+) order: (.*)", question).groups()
    return str(sorted(found.split(", "), key=Fraction, reverse=order == "descending"))


def palindrome_partitioning(question):
    return json.dumps([*_cuts(question.split()[-1])])


def _cuts(text):
    if not text:
        yield []
    for end in range(1, len(text) + 1):
        if text[:end] == text[:end][::-1]:
            yield from ([text[:end], *rest] for rest in _cuts(text[end:]))


def path_star(question):
    edges, _, ends = question.strip().splitlines()[-1].partition("/")
    start, goal = ends.split()[:2]
    before = {b: a for a, b in (edge.split() for edge in edges.strip("|").split("|"))}
    path = [goal]
    while path[-1] != start:
        path.append(before[path[-1]])
    return " ".join(path[::-1])


def ransom_note(question):
    note, magazine = re.findall(r"(?:note|Magazine): (\w+)$", question, re.MULTILINE)
    return str(Counter(note) <= Counter(magazine))


def rotate_matrix(question):
    told = re.search(r"by (\d+) degrees clockwise:\n([\s\S]*)", question)
    return written(_times(turned, int(told[1]) // 90, rows(told[2])))


def rotten_oranges(question):
    cells = _cells(rows(question.rpartition(":\n")[2]))
    front, minutes = [cell for cell, kind in cells.items() if kind == "2"], -1
    while front:
        minutes += 1
        near = {(r + down, c + right) for r, c in front for down, right in AROUND}
        front = [cell for cell in near if cells.get(cell) == "1"]
        cells |= dict.fromkeys(front, "2")
    return str(-1 if "1" in cells.values() else max(minutes, 0))


def self_reference(question):
    least, most, true, false = (
        int(found) for found in re.findall(r"'(?:At least|At most|Exactly) (\d)", question)
    )
    ways = 0
    for said in itertools.product((False, True), repeat=7):
        trues, falses = sum(said), 7 - sum(said)
        holds = (
            trues >= least, falses <= most, trues == true, falses == false,
            said[2] != said[3], trues in (2, 3, 5, 7), falses in (4, 6),
        )  # fmt: skip
        ways += said == holds
    return str(ways)


def shortest_path(question):
    cells = _cells(rows(question.rpartition(":\n")[2]))
    return steps(cells, _place(cells, "*"), _place(cells, "#"), "O")


def simple_equations(question):
    name = re.search(r"(?:for|of|variable) ([a-z])\b", question)[1]
    left, right = re.search(r"[^:]*=[^:]*$", question)[0].rstrip(".").split("=")

    def at(value):
        return term(left.replace(name, f"({value})")) - term(right.replace(name, f"({value})"))

    slope = at(1) - at(0)
    assert at(2) - at(1) == slope != 0
    return str(-at(0) / slope)


def simple_geometry(question):
    sides = int(re.search(r"(\d+)(?: sides|-gon)", question)[1])
    known = [Fraction(found) for found in re.findall(r"([\d.]+)°", question)]
    assert len(known) == sides - 1
    return str(180 * (sides - 2) - sum(known))


def _rewritten(text, rule):
    """Return a text after a rule, None if the rule does not fit."""
    where, what = (
        re.match(r"If the string (\S+).*? '(\w+)'", rule).groups() if "'" in rule else ("", "")
    )
    if "even number" in rule:
        return f"{text}ab" if text.count("b") and text.count("b") % 2 == 0 else None
    if "not at the start" in rule:
        place = text.find("ca", 1)
        return text[:place] + text[place + 2 :] if place > 0 else None
    fits = {"prefix": text.startswith, "starts": text.startswith, "suffix": text.endswith,
            "ends": text.endswith, "contains": text.__contains__}  # fmt: skip
    return EFFECTS[rule](text) if fits[where](what) else None


EFFECTS = {
    "If the string prefix is 'ab', replace it with 'ca'.": lambda s: "ca" + s[2:],
    "If the string suffix is 'ac', replace it with 'cb'.": lambda s: s[:-2] + "cb",
    "If the string prefix is 'bc', delete the first two characters and append 'aa' to the end.":
        lambda s: s[2:] + "aa",
    "If the string suffix is 'bb', delete the last two characters.": lambda s: s[:-2],
    "If the string prefix is 'cb', replace it with 'aa' and delete the last character.":
        lambda s: ("aa" + s[2:])[:-1],
    "If the string prefix is 'ca', replace it with 'bb' and append 'c' to the end.":
        lambda s: "bb" + s[2:] + "c",
    "If the string suffix is 'cc', replace it with 'b' and prepend 'a' to the start.":
        lambda s: "a" + s[:-2] + "b",
    "If the string prefix is 'aa', remove the first character.": lambda s: s[1:],
    "If the string contains 'abc', replace the first occurrence with 'cab'.":
        lambda s: s.replace("abc", "cab", 1),
    "If the string contains 'bca', delete the first occurrence entirely.":
        lambda s: s.replace("bca", "", 1),
    "If the string ends with 'ba', replace it with 'ab'.": lambda s: s[:-2] + "ab",
    "If the string starts with 'cc', remove the first two characters.": lambda s: s[2:],
    "If the string contains 'acb', replace the first occurrence with its reverse ('bca').":
        lambda s: s.replace("acb", "bca", 1),
    "If the string ends with 'ca', remove the last character.": lambda s: s[:-1],
    "If the string starts with 'bb', remove the second character.": lambda s: s[0] + s[2:],
    "If the string ends with 'aa', replace it with 'cc'.": lambda s: s[:-2] + "cc",
    "If the string starts with 'ac', replace the first two characters with 'zz'.":
        lambda s: "zz" + s[2:],
}  # fmt: skip


def string_manipulation(question):
    rules = re.findall(r"^\d+\. (.*)$", question, re.MULTILINE)
    text = question.split()[-1]
    seen = set()
    while text not in seen:
        seen.add(text)
        last = text
        text = next((t for t in (_rewritten(text, r) for r in rules) if t is not None), text)
    return last


def _exhausted(stock, exchanges):
    """Use the first rule that can be used, until none can."""
    while rule := next((r for r in exchanges if all(stock[k] >= n for k, n in r[0].items())), None):
        stock.subtract(rule[0])
        stock.update(rule[1])
    return stock


def string_splitting(question):
    have = re.search(r"have (\d+) machine A, (\d+) machine B, and (\d+) machine C", question)
    stock = Counter(dict(zip("ABC", map(int, have.groups()), strict=True)))
    told = (("A", "XXY"), ("BB", "X"), ("CC", "Y"), ("BC", "A"), ("XY", "Z"))
    _exhausted(stock, [(Counter(take), Counter(give)) for take, give in told])
    return " ".join(str(stock[part]) for part in "ABCXYZ")


def string_synthesis(question):
    have = re.search(r"have (\d+) \[A\], (\d+) \[B\], and (\d+) \[C\]", question)
    stock = Counter(dict(zip("ABC", map(int, have.groups()), strict=True)))
    # Curly blocks are small letters here, round ones digits.
    told = (("ABC", "a"), ("AB", "c"), ("BC", "b"), ("CC", "c"), ("ac", "12"), ("bb", "3"))
    _exhausted(stock, [(Counter(take), Counter(give)) for take, give in told])
    return " ".join(str(stock[block]) for block in "ABCabc123")


def word_sequence_reversal(question):
    return ", ".join(question.partition("list of words: ")[2].split(", ")[::-1])


def word_sorting(question):
    told = re.search(r"in (\w+) order \(using .*list: (.*)", question)
    return ", ".join(sorted(told[2].split(", "), reverse=told[1] == "descending"))


WORKED = {name: globals()[name] for name in DATA_SETS if name != "cryptarithm"}
