"""Families of level 1 on numbers: prices in bands, and things that go into packs."""

from typing import NamedTuple

from pydantic import JsonValue

from agents.embedded.functions.family import (
    PHRASINGS,
    Argument,
    Family,
    Kata,
    Options,
    Parts,
    choice,
    otherwise,
    story,
    told,
    whole,
)
from agents.embedded.functions.page import Page


class Tariff(NamedTuple):
    """Something whose price goes by an amount."""

    name: str
    given: str
    """The parameter."""
    unit: str
    price: str
    money: str
    stories: tuple[str, str]


TARIFFS = {
    each.name: each
    for each in (
        Tariff("postage", "weight", "grams", "the postage", "cents", (
            "A small island prints its own stamps, and letters are charged by their weight.",
            "The postage for a letter goes by its weight, as a poster in the post office says.",
        )),
        Tariff("parking_fee", "minutes", "minutes", "the parking fee", "cents", (
            "At the car park by the river the fee goes by how many minutes a car stood there.",
            "The machine at the exit of a car park works out a fee from the minutes.",
        )),
        Tariff("entrance_fee", "age", "years", "the entrance fee", "cents", (
            "What the open-air museum charges depends on how old a visitor is.",
            "The ticket office of a swimming pool asks for everybody's age.",
        )),
        Tariff("fine", "days", "days", "the fine", "cents", (
            "The library of a village fines its readers by the days that a book is late.",
            "Whoever returns a film late pays a fine to the film club, by the number of days.",
        )),
        Tariff("ticket_price", "stops", "stops", "the price of a ticket", "cents", (
            "On the harbour tram a ticket costs more the more stops one travels.",
            "A bus line prices its tickets by the number of stops.",
        )),
        Tariff("shipping", "distance", "kilometres", "the price of shipping", "cents", (
            "A furniture shop delivers with its own van and charges by the distance.",
            "A nursery brings trees to its customers; how much that costs depends on how far it "
            "is.",
        )),
        Tariff("rent", "hours", "hours", "the rent", "cents", (
            "Rowing boats are rented out by the hour at the lake.",
            "A bicycle shop lends tandems and charges by the hour.",
        )),
        Tariff("water_bill", "volume", "cubic metres", "the water bill", "cents", (
            "A waterworks reads the meters once a year and sends out bills.",
            "What a household pays for its water goes by the volume that it has used.",
        )),
        Tariff("locker_fee", "nights", "nights", "the fee for a locker", "cents", (
            "Lockers at the station are paid for when they are opened again, by the nights.",
            "A hostel lets its guests leave their bags in lockers for some nights.",
        )),
        Tariff("bonus", "sales", "sales", "the bonus", "cents", (
            "A sales assistant gets a bonus that goes by the number of sales in a week.",
            "At the end of the fair every helper gets a bonus for the sales of the day.",
        )),
    )
}  # fmt: skip
_NEGATIVE: Options = [None, -1, 0]


def _bands(parts: Parts) -> tuple[int, int, int, int, int]:
    """Return the two bounds of the bands and the three prices."""
    first, width, price, rise = (parts[axis] for axis in ("first", "width", "price", "rise"))
    return first, first + width, price, price + rise, price + 2 * rise + 10


def _band_kata(parts: Parts) -> Kata:
    tariff = TARIFFS[parts["tariff"]]
    first, second, low, middle, high = _bands(parts)
    unit, money, x = tariff.unit, tariff.money, tariff.given
    if parts["included"]:
        bands = (
            f"Up to {first} {unit} it is {low} {money}, {first} included; above that and up to "
            f"{second}, again included, it is {middle} {money}; and beyond that {high} {money}."
        )
    else:
        bands = (
            f"Below {first} {unit} it is {low} {money}; from {first} on, but below {second}, it "
            f"is {middle} {money}; and from {second} on {high} {money}."
        )
    values: list[JsonValue] = [-7, -1, 0, 1, first - 1, first, first + 1, second - 1, second]
    return Kata(
        name=tariff.name,
        arguments=(
            Argument(x, "int", choice(*values, second + 1, second + 9), whole(1, second + 12)),
        ),
        returns="int | None" if parts["negative"] is None else "int",
        story=story(parts, tariff.stories),
        wanted=f"{tariff.price} in {money}",
        notes=(bands, otherwise(parts, f"`{x}` is negative", parts["negative"])),
        edges=((first,), (-1,)),
    )


def _write_bands(parts: Parts, page: Page) -> None:
    tariff, x = TARIFFS[parts["tariff"]], TARIFFS[parts["tariff"]].given
    first, second, *prices = _bands(parts)
    page.write("Begin the function", f"def {tariff.name}({x}):", 0)
    if page.either(True, forgets_negative_numbers=False):
        page.write("A negative number has no price", f"if {x} < 0:")
        nothing = page.either(repr(parts["negative"]), takes_zero_for_no_answer="0")
        page.write("Then there is a value for that", f"return {nothing}", 2)
    bands = [(first, prices[0]), (second, prices[1])]
    right, wrong = ("<=", "<") if parts["included"] else ("<", "<=")
    for limit, price in page.either(bands, asks_the_wider_case_first=bands[::-1]):
        sign = page.either(right, misreads_the_boundary=wrong)
        page.write(
            f"Look whether it is in the band that ends at {limit}", f"if {x} {sign} {limit}:"
        )
        page.write("That is its price", f"return {price}", 2)
    page.write("Everything else costs the most", f"return {prices[2]}")


def _band_value(parts: Parts, given: int) -> object:
    first, second, *prices = _bands(parts)
    if given < 0:
        return parts["negative"]
    passed = [given > each if parts["included"] else given >= each for each in (first, second)]
    return prices[sum(passed)]


BANDS = Family(
    name="bands",
    axes={
        "tariff": list(TARIFFS),
        "included": [True, False],
        "first": [3, 5, 10, 12, 20],
        "width": [4, 7, 15, 30],
        "price": [85, 120, 150, 200, 240, 350],
        "rise": [40, 65, 90, 130],
        "negative": _NEGATIVE,
        "phrasing": PHRASINGS,
    },
    kata=_band_kata,
    write=_write_bands,
    value=_band_value,
)


class Packing(NamedTuple):
    """Things that go into packs, each of which costs the same."""

    things: str
    pack: str
    packs: str
    stories: tuple[str, str]


PACKINGS = {
    each.things: each
    for each in (
        Packing("eggs", "box", "boxes", (
            "A farm puts its eggs into boxes and sells full boxes and the last, perhaps only "
            "partly filled one at the same price.",
            "Eggs are sold by the box; somebody needs a certain number of eggs and buys whole "
            "boxes.",
        )),
        Packing("guests", "boat", "boats", (
            "A wedding party crosses the lake in hired boats.",
            "Boats are hired to bring guests to an island; the last may have seats left.",
        )),
        Packing("pupils", "van", "vans", (
            "A school takes its pupils to the theatre in hired vans.",
            "For an excursion vans are ordered, as many as it takes to seat all pupils.",
        )),
        Packing("bottles", "crate", "crates", (
            "A cider press sends its bottles out in crates and charges for every crate.",
            "Bottles leave the cellar in crates, and a carrier is paid by the crate.",
        )),
        Packing("photos", "page", "pages", (
            "An album is printed page by page, and as many photos go onto a page as it holds.",
            "A print shop makes albums and charges for every page that has photos on it.",
        )),
        Packing("tiles", "packet", "packets", (
            "Tiles come in packets that the shop does not open.",
            "To tile a kitchen one buys packets, even if some tiles are left over.",
        )),
        Packing("books", "parcel", "parcels", (
            "An antiquarian sends books away in parcels; a parcel may be less than full.",
            "Books are posted in parcels that hold only so many.",
        )),
        Packing("loaves", "tray", "trays", (
            "A bakery bakes its loaves on trays and reckons the gas by the tray.",
            "Loaves go into the oven on trays; the last tray need not be full.",
        )),
    )
}  # fmt: skip


def _pack_kata(parts: Parts) -> Kata:
    packing, size = PACKINGS[parts["packing"]], parts["size"]
    price, many, off = parts["price"], parts["many"], parts["off"]
    one, packs, x = packing.pack, packing.packs, packing.things
    holds = told(
        parts,
        f"A {one} holds {size} {x} and costs {price} cents, full or not.",
        f"There is room for {size} {x} in a {one}, and every {one} that is begun costs {price} "
        f"cents.",
    )
    cheaper = told(
        parts,
        f"Whoever takes at least {many} {packs} pays {off} cents less in all.",
        f"From {many} {packs} on, the whole bill is {off} cents lower.",
    )
    near: list[JsonValue] = [0, 1, size - 1, size, size + 1, size * 2, size * many + 2]
    edge = [size * (many - 1), size * (many - 1) + 1, size * many, size * many + 1]
    hidden = choice(-5, -1, *near, *edge)
    return Kata(
        name=f"price_of_{packs}",
        arguments=(Argument(x, "int", hidden, whole(size + 1, size * (many + 3))),),
        returns="int | None" if parts["negative"] is None else "int",
        story=story(parts, packing.stories),
        wanted=f"what the {packs} for so many {x} cost in all, in cents",
        notes=(
            holds,
            cheaper,
            f"For 0 {x} no {one} is needed, which costs 0 cents.",
            otherwise(parts, f"`{x}` is negative", parts["negative"]),
        ),
        edges=((size * many,), (-1,)),
    )


def _write_packs(parts: Parts, page: Page) -> None:
    packing, size = PACKINGS[parts["packing"]], parts["size"]
    packs, x = packing.packs, packing.things
    page.write("Begin the function", f"def price_of_{packs}({x}):", 0)
    if page.either(True, forgets_negative_numbers=False):
        page.write("A negative number makes no sense", f"if {x} < 0:")
        nothing = page.either(repr(parts["negative"]), takes_zero_for_no_answer="0")
        page.write("Then there is a value for that", f"return {nothing}", 2)
    exact, down = f"({x} + {size - 1}) // {size}", f"{x} // {size}"
    count = page.either(exact, drops_the_remainder=down)
    page.write(f"Count the {packs}, the last one too", f"{packs} = {count}")
    page.write("Each costs the same", f"price = {packs} * {parts['price']}")
    sign = page.either(">=", misreads_the_boundary=">")
    many = parts["many"]
    page.write(f"Look whether there are at least {many}", f"if {packs} {sign} {many}:")
    page.write("Then it is cheaper", f"price -= {parts['off']}", 2)
    page.write("That is the price", "return price")


def _pack_value(parts: Parts, given: int) -> object:
    if given < 0:
        return parts["negative"]
    full, rest = divmod(given, parts["size"])
    packs = full + (rest > 0)
    return packs * parts["price"] - (parts["off"] if packs >= parts["many"] else 0)


PACKS = Family(
    name="packs",
    axes={
        "packing": list(PACKINGS),
        "size": [4, 6, 8, 10, 12],
        "price": [110, 125, 160, 210],
        "many": [2, 3, 4, 5],
        "off": [15, 30, 45, 60],
        "negative": [None, -1],
        "phrasing": PHRASINGS,
    },
    kata=_pack_kata,
    write=_write_packs,
    value=_pack_value,
)
