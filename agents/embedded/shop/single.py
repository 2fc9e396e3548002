"""The frames over one table: selecting, aggregating, grouping."""

from collections.abc import Iterator

from agents.embedded.shop.frames import Frame, Show, count, plain
from agents.embedded.shop.queries import Aggregate, Column

_LISTS: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("customers", ("name", "city"), ("city", "name")),
    ("customers", ("name", "email"), ("joined_on", "name")),
    ("customers", ("id", "name", "joined_on"), ("city", "name")),
    ("products", ("name", "price"), ("price", "name")),
    ("products", ("category", "name"), ("category", "name")),
    ("products", ("name", "stock", "price"), ("stock", "name")),
    ("orders", ("id", "quantity"), ("quantity", "id")),
    ("orders", ("id", "ordered_on", "channel"), ("channel", "id")),
    ("orders", ("customer_id", "id", "shipped_on"), ("customer_id", "id")),
    ("payments", ("id", "amount"), ("amount", "id")),
    ("payments", ("order_id", "id", "method"), ("method", "id")),
    ("payments", ("id", "amount", "paid_on"), ("amount", "id")),
)
"""Table, columns to show, columns to sort by; the last of these is unique."""


def _aggregate(name: Aggregate, column: str, words: str, *, distinct: bool = False) -> Show:
    return Show(Column(expr=column, aggregate=name, distinct=distinct), words)


_CUSTOMERS = count("the number of customers")
_EMAILS = _aggregate("COUNT", "email", "the number of those with an email")
_CITIES = _aggregate("COUNT", "city", "the number of different cities", distinct=True)
_FIRST_JOINED = _aggregate("MIN", "joined_on", "the earliest joined_on")
_LAST_JOINED = _aggregate("MAX", "joined_on", "the latest joined_on")
_PRODUCTS = count("the number of products")
_CATEGORIES = _aggregate("COUNT", "category", "the number of different categories", distinct=True)
_STOCK = _aggregate("SUM", "stock", "the total stock")
_MEAN_STOCK = _aggregate("AVG", "stock", "the average stock")
_MEAN_PRICE = _aggregate("AVG", "price", "the average price")
_LOW_PRICE = _aggregate("MIN", "price", "the lowest price")
_HIGH_PRICE = _aggregate("MAX", "price", "the highest price")
_ORDERS = count("the number of orders")
_PIECES = _aggregate("SUM", "quantity", "the total quantity")
_MEAN_PIECES = _aggregate("AVG", "quantity", "the average quantity")
_MOST_PIECES = _aggregate("MAX", "quantity", "the largest quantity")
_SHIPPED = _aggregate("COUNT", "shipped_on", "the number of those that have been shipped")
_BUYERS = _aggregate("COUNT", "customer_id", "the number of different customers", distinct=True)
_BOUGHT = _aggregate("COUNT", "product_id", "the number of different products", distinct=True)
_LAST_ORDER = _aggregate("MAX", "ordered_on", "the latest ordered_on")
_PAYMENTS = count("the number of payments")
_RECEIVED = _aggregate("COUNT", "paid_on", "the number of those that are not pending")
_TOTAL = _aggregate("SUM", "amount", "the total amount")
_MEAN = _aggregate("AVG", "amount", "the average amount")
_LOWEST = _aggregate("MIN", "amount", "the smallest amount")
_HIGHEST = _aggregate("MAX", "amount", "the largest amount")
_PAID_ORDERS = _aggregate("COUNT", "order_id", "the number of different orders", distinct=True)

_ONE: tuple[tuple[str, tuple[Show, ...]], ...] = (
    ("customers", (_CUSTOMERS, _EMAILS, _CITIES, _FIRST_JOINED, _LAST_JOINED)),
    ("products", (_CATEGORIES, _STOCK, _MEAN_STOCK, _MEAN_PRICE, _LOW_PRICE, _HIGH_PRICE)),
    ("orders", (_ORDERS, _PIECES, _MEAN_PIECES, _SHIPPED, _BUYERS, _BOUGHT, _MOST_PIECES)),
    ("payments", (_PAYMENTS, _RECEIVED, _TOTAL, _MEAN, _LOWEST, _HIGHEST, _PAID_ORDERS)),
)
_TWO: tuple[tuple[str, tuple[Show, Show]], ...] = (
    ("customers", (_CUSTOMERS, _CITIES)),
    ("customers", (_EMAILS, _FIRST_JOINED)),
    ("customers", (_LAST_JOINED, _CITIES)),
    ("products", (_PRODUCTS, _MEAN_PRICE)),
    ("products", (_STOCK, _CATEGORIES)),
    ("products", (_LOW_PRICE, _STOCK)),
    ("orders", (_ORDERS, _PIECES)),
    ("orders", (_BUYERS, _MEAN_PIECES)),
    ("orders", (_PIECES, _BOUGHT)),
    ("orders", (_SHIPPED, _LAST_ORDER)),
    ("payments", (_MEAN, _PAID_ORDERS)),
    ("payments", (_PAYMENTS, _TOTAL)),
    ("payments", (_RECEIVED, _HIGHEST)),
    ("payments", (_TOTAL, _LOWEST)),
)
_GROUPED: tuple[tuple[str, str, str, Show], ...] = (
    ("customers", "city", "city", _CUSTOMERS),
    ("customers", "city", "city", _EMAILS),
    ("customers", "city", "city", _LAST_JOINED),
    ("products", "category", "category", _MEAN_PRICE),
    ("products", "category", "category", _STOCK),
    ("products", "category", "category", _PRODUCTS),
    ("orders", "channel", "channel", _MEAN_PIECES),
    ("orders", "channel", "channel", _BUYERS),
    ("orders", "customer_id", "customer_id", _ORDERS),
    ("orders", "customer_id", "customer_id", _PIECES),
    ("orders", "product_id", "product_id", _BUYERS),
    ("orders", "product_id", "product_id", _MEAN_PIECES),
    ("payments", "method", "method", _TOTAL),
    ("payments", "method", "method", _PAID_ORDERS),
    ("payments", "order_id", "order_id", _TOTAL),
)
"""Table, column to group by, what a group stands for, what to show of it."""


_SMALL = frozenset({"customers", "products"})
"""Tables in which two conditions leave few rows already."""


def select_frames(level: int) -> Iterator[Frame]:
    """Yield frames that ask for rows: with one, two, and up to three conditions and a limit."""
    for table, shown, (first, last) in _LISTS:
        shows = tuple(plain(table, name) for name in shown)
        both = (plain(table, first), plain(table, last))
        if level == 1:
            for keys in ((), both[1:]):
                yield Frame("rows", table, shows, keys, conditions=((table, 1),))
        elif level == 2:
            yield Frame("rows", table, shows, both, conditions=((table, 2),))
        else:
            holes = ((table, 2 if table in _SMALL else 3),)
            yield Frame("rows", table, shows, both, conditions=holes, limits=(2, 3))


def aggregate_frames(level: int) -> Iterator[Frame]:
    """Yield the frames that ask for one row: one aggregate, or at level 3 two."""
    if level < 3:
        for table, aggregates in _ONE:
            for show in aggregates:
                yield Frame("total", table, (show,), conditions=((table, level),))
        return
    for table, pair in _TWO:
        holes = ((table, 2 if table in _SMALL else 3),)
        yield Frame("total", table, pair, conditions=holes)


def group_frames(level: int) -> Iterator[Frame]:
    """Yield frames that ask for a row a group: sorted by it, by its value, and with HAVING."""
    for table, column, each, show in _GROUPED:
        key = plain(table, column)
        asked = Frame("groups", table, (key, show), group=(column,), each=each)
        if level == 1:
            yield asked._replace(keys=(key,), conditions=((table, 1),))
        elif level == 2:
            holes = ((table, 1 if table in _SMALL else 2),)
            yield asked._replace(keys=(show, key), conditions=holes)
        elif not show.column.distinct:  # few groups differ in that
            having = _CUSTOMERS if table == "customers" else show
            yield asked._replace(keys=(show, key), conditions=((table, 1),), having=having)
