"""What the shops are made of: their names, goods, customers and cities."""

from typing import NamedTuple


class Goods(NamedTuple):
    """What one kind of shop sells."""

    kind: str
    """As in "the bookshop"."""
    products: dict[str, tuple[str, str, str]]
    """Three products of each category."""
    prices: tuple[int, int]
    """The lowest and the highest price, in half euros."""


GOODS = (
    Goods(
        "bookshop",
        {
            "novels": ("The Salt Road", "A House of Clay", "Winter Ferry"),
            "cooking": ("Bread at Home", "Forty Soups", "The Green Table"),
            "travel": ("Walking Norway", "Night Trains", "Islands of Greece"),
            "children": ("The Fox and the Kite", "Owl Counts", "Seven Boats"),
        },
        (12, 80),
    ),
    Goods(
        "tea shop",
        {
            "green tea": ("Sencha", "Dragon Well", "Gunpowder"),
            "black tea": ("Assam", "Earl Grey", "Keemun"),
            "herbal tea": ("Peppermint", "Rooibos", "Camomile"),
            "teaware": ("Glass Pot", "Bamboo Whisk", "Tin Caddy"),
        },
        (7, 70),
    ),
    Goods(
        "garden centre",
        {
            "seeds": ("Basil Seeds", "Poppy Seeds", "Carrot Seeds"),
            "bulbs": ("Tulip Bulbs", "Crocus Bulbs", "Lily Bulbs"),
            "tools": ("Hand Trowel", "Pruning Shears", "Steel Rake"),
            "pots": ("Clay Pot", "Zinc Tub", "Window Box"),
        },
        (5, 96),
    ),
    Goods(
        "bicycle shop",
        {
            "lights": ("Front Light", "Rear Light", "Helmet Light"),
            "tyres": ("Road Tyre", "Gravel Tyre", "Winter Tyre"),
            "bags": ("Saddle Bag", "Pannier", "Frame Bag"),
            "tools": ("Chain Tool", "Floor Pump", "Tyre Lever"),
        },
        (9, 160),
    ),
    Goods(
        "toy shop",
        {
            "puzzles": ("Map Puzzle", "Cube Puzzle", "Forest Puzzle"),
            "games": ("Harbour Game", "Word Dice", "Memory Cards"),
            "building": ("Brick Box", "Marble Run", "Wooden Crane"),
            "plush": ("Plush Otter", "Plush Hare", "Plush Whale"),
        },
        (10, 110),
    ),
    Goods(
        "music shop",
        {
            "strings": ("Guitar Strings", "Violin Strings", "Cello Strings"),
            "stands": ("Music Stand", "Guitar Stand", "Keyboard Stand"),
            "percussion": ("Tambourine", "Bongo Pair", "Triangle"),
            "scores": ("Piano Studies", "Flute Duets", "Choir Book"),
        },
        (8, 150),
    ),
    Goods(
        "stationer's",
        {
            "paper": ("Lined Pad", "Sketch Pad", "Letter Paper"),
            "pens": ("Fountain Pen", "Gel Pen", "Brush Pen"),
            "ink": ("Blue Ink", "Black Ink", "Sepia Ink"),
            "desk": ("Desk Lamp", "Pen Tray", "Paper Knife"),
        },
        (4, 90),
    ),
    Goods(
        "delicatessen",
        {
            "oil": ("Olive Oil", "Walnut Oil", "Sesame Oil"),
            "cheese": ("Manchego", "Comte", "Pecorino"),
            "sweets": ("Nougat", "Fig Jam", "Honey Cake"),
            "spices": ("Saffron", "Cumin", "Smoked Paprika"),
        },
        (6, 64),
    ),
)
SHOPS = (
    "Linden", "Harbour", "Old Mill", "Blue Door", "Northgate", "Copper Kettle", "Swallow",
    "Riverside", "Market Square", "Red Lantern", "Three Oaks", "Corner", "Lighthouse",
    "Juniper", "Station", "Maple",
)  # fmt: skip
CITIES = (
    "Lyon", "Porto", "Leeds", "Ghent", "Turin", "Bergen", "Krakow", "Seville", "Graz", "Cork",
    "Tartu", "Basel", "Malmo", "Nantes", "Split", "Delft",
)  # fmt: skip
FIRST_NAMES = (
    "Alice", "Boris", "Chloe", "Daniel", "Elena", "Felix", "Greta", "Hugo", "Ines", "Jonas",
    "Karin", "Leo", "Marta", "Nadia", "Oscar", "Paula", "Quinn", "Rosa", "Simon", "Tara",
    "Umar", "Vera", "Walter", "Yara", "Zoe", "Amir", "Bianca", "Carlos", "Dora", "Emil",
)  # fmt: skip
LAST_NAMES = (
    "Adler", "Brandt", "Costa", "Duval", "Eriksen", "Fischer", "Garcia", "Horvat", "Ivanov",
    "Jensen", "Keller", "Lambert", "Moreau", "Novak", "Okafor", "Petrov", "Quist", "Rossi",
    "Silva", "Tanaka", "Ueda", "Vogel", "Weber", "Young", "Zeman", "Amari", "Bloom", "Chen",
    "Dietz", "Engel",
)  # fmt: skip
