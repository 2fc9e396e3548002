"""The frames with a subquery."""

from collections.abc import Iterator

from agents.embedded.shop.frames import Frame, Inner, plain
from agents.embedded.shop.queries import Column, Operator

_CUSTOMER, _PRODUCT = Column(expr="customer_id"), Column(expr="product_id")
_LINKS: tuple[tuple[str, Column, str, str, str], ...] = (
    ("customers", _CUSTOMER, "orders", "have one or more orders", "have no orders"),
    ("products", _PRODUCT, "orders", "stand in one or more orders", "stand in no orders"),
    (
        "orders",
        Column(expr="order_id"),
        "payments",
        "have one or more payments",
        "have no payments",
    ),
)
"""Outer table, inner column, inner table, and the words for IN and for NOT IN."""
_COMPARED: tuple[tuple[str, str, str], ...] = (
    ("products", "price", "have a price {than} the average price of the products"),
    ("products", "stock", "have a stock {than} the average stock of the products"),
    ("orders", "quantity", "have a quantity {than} the average quantity of the orders"),
    ("payments", "amount", "have an amount {than} the average amount of the payments"),
)
_THAN: tuple[tuple[Operator, str], ...] = ((">", "above"), ("<", "below"))
_COLUMNS: dict[str, tuple[tuple[str, ...], ...]] = {
    "customers": (("name", "city"), ("id", "name", "joined_on")),
    "products": (("name", "price"), ("id", "name", "category")),
    "orders": (("id", "ordered_on"), ("id", "customer_id", "quantity")),
    "payments": (("id", "amount"), ("id", "order_id", "method")),
}


def subquery_frames(level: int) -> Iterator[Frame]:
    """Yield frames with a subquery: membership; comparison with an average; counts and more."""
    if level == 1:
        for table, inner in _members():
            yield from _rows(table, inner, outer=0)
    elif level == 2:
        for table, inner in _averages():
            yield from _rows(table, inner, outer=1)
    else:
        for table, inner in (*_often(), *_deep()):
            yield from _rows(table, inner, outer=1)


def _rows(table: str, inner: Inner, outer: int) -> Iterator[Frame]:
    key = plain(table, "name" if table in ("customers", "products") else "id")
    holes = ((table, outer),) if outer else ()
    for names in _COLUMNS[table]:
        shows = tuple(plain(table, name) for name in names)
        yield Frame("rows", table, shows, (key,), conditions=holes, inner=inner)


def _members() -> Iterator[tuple[str, Inner]]:
    for table, column, other, some, none in _LINKS:
        yield table, Inner("id", "IN", column, other, some + " that {rest}")
        yield table, Inner("id", "NOT IN", column, other, none + " that {rest}")


def _averages() -> Iterator[tuple[str, Inner]]:
    for table, column, words in _COMPARED:
        for op, than in _THAN:
            phrase = words.replace("{than}", than) + " that {rest}"
            mean = Column(expr=column, aggregate="AVG")
            yield table, Inner(column, op, mean, table, phrase)


def _often() -> Iterator[tuple[str, Inner]]:
    for table, column, verb in (
        ("customers", _CUSTOMER, "have"),
        ("products", _PRODUCT, "stand in"),
    ):
        words = verb + " at least {n} orders that {rest}"
        yield table, Inner("id", "IN", column, "orders", words, group=column.expr)


def _deep() -> Iterator[tuple[str, Inner]]:
    own = Column(expr="id")
    for table, column, other, words in (
        ("orders", "customer_id", "customers", "were placed by customers who {rest}"),
        ("orders", "product_id", "products", "are for products that {rest}"),
        ("payments", "order_id", "orders", "belong to orders that {rest}"),
    ):
        yield table, Inner(column, "IN", own, other, words, conditions=2)
