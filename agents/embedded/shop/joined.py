"""The frames that join tables."""

from collections.abc import Iterator

from agents.embedded.shop.frames import CUSTOMER, ORDER, PRODUCT, Frame, Show, count, plain
from agents.embedded.shop.queries import Aggregate, Column, Join

_CUSTOMER_NAME = plain("customers", "name", joined=True)
_PRODUCT_NAME = plain("products", "name", joined=True)
_CITY = plain("customers", "city", joined=True)
_CATEGORY = plain("products", "category", joined=True)
_PRICE = plain("products", "price", joined=True)
_ORDER_ID = plain("orders", "id", joined=True)
_QUANTITY = plain("orders", "quantity", joined=True)
_ORDERED = plain("orders", "ordered_on", joined=True)
_SHIPPED = plain("orders", "shipped_on", joined=True)
_CHANNEL = plain("orders", "channel", joined=True)
_PAYMENT_ID = plain("payments", "id", joined=True)
_AMOUNT = plain("payments", "amount", joined=True)


def _aggregate(name: Aggregate, column: str, words: str, *, distinct: bool = False) -> Show:
    return Show(Column(expr=column, aggregate=name, distinct=distinct), words)


_ORDERS = count("the number of orders")
_PAYMENTS = count("the number of payments")
_PIECES = _aggregate("SUM", "orders.quantity", "the total quantity")
_MEAN_PIECES = _aggregate("AVG", "orders.quantity", "the average quantity")
_VALUE = _aggregate(
    "SUM", "orders.quantity * products.price", "the total value (quantity times price)"
)
_MEAN_VALUE = _aggregate(
    "AVG", "orders.quantity * products.price", "the average value (quantity times price)"
)
_BOUGHT = _aggregate(
    "COUNT", "orders.product_id", "the number of different products", distinct=True
)
_BUYERS = _aggregate(
    "COUNT", "orders.customer_id", "the number of different customers", distinct=True
)
_CITIES = _aggregate("COUNT", "customers.city", "the number of different cities", distinct=True)
_PAID = _aggregate("SUM", "payments.amount", "the total amount")
_MEAN_PAID = _aggregate("AVG", "payments.amount", "the average amount")
_OWN_ORDERS = _aggregate("COUNT", "orders.id", "the number of orders")
_OWN_PAYMENTS = _aggregate("COUNT", "payments.id", "the number of payments")
_OWN_BUYERS = _aggregate(
    "COUNT", "orders.customer_id", "the number of different customers", distinct=True
)

_OC, _OP, _OCP = (CUSTOMER,), (PRODUCT,), (CUSTOMER, PRODUCT)
_PO, _POC, _POP = (ORDER,), (ORDER, CUSTOMER), (ORDER, PRODUCT)
_LISTED: tuple[tuple[str, tuple[Join, ...], tuple[Show, ...], str], ...] = (
    ("orders", _OC, (_ORDER_ID, _CUSTOMER_NAME), "customers"),
    ("orders", _OC, (_ORDER_ID, _CUSTOMER_NAME, _QUANTITY), "customers"),
    ("orders", _OC, (_CUSTOMER_NAME, _CITY, _ORDER_ID), "orders"),
    ("orders", _OP, (_ORDER_ID, _PRODUCT_NAME, _QUANTITY), "products"),
    ("orders", _OP, (_ORDER_ID, _PRODUCT_NAME, _PRICE), "orders"),
    ("orders", _OP, (_PRODUCT_NAME, _ORDERED, _ORDER_ID), "products"),
    ("payments", _PO, (_PAYMENT_ID, _AMOUNT, _ORDERED), "orders"),
    ("payments", _PO, (_PAYMENT_ID, _CHANNEL), "payments"),
    ("payments", _PO, (_PAYMENT_ID, _QUANTITY, _AMOUNT), "orders"),
)
"""Base table, joins, columns to show, and the table of the condition."""
_PER: tuple[tuple[str, tuple[Join, ...], Show, Show, str, str], ...] = (
    ("orders", _OC, _CUSTOMER_NAME, _ORDERS, "customer", "customers"),
    ("orders", _OC, _CITY, _PIECES, "city", "orders"),
    ("orders", _OC, _CITY, _BOUGHT, "city", "customers"),
    ("orders", _OP, _CATEGORY, _MEAN_PIECES, "category", "orders"),
    ("orders", _OP, _PRODUCT_NAME, _BUYERS, "product", "products"),
    ("orders", _OP, _CATEGORY, _VALUE, "category", "products"),
    ("payments", _PO, _CHANNEL, _PAID, "channel", "payments"),
    ("payments", _PO, _CHANNEL, _MEAN_PAID, "channel", "orders"),
)
"""Base table, joins, group, aggregate, what a group stands for, and the table of the condition."""
_PER_OF_THREE: tuple[tuple[str, tuple[Join, ...], Show, Show, str, tuple[str, str]], ...] = (
    ("orders", _OCP, _CUSTOMER_NAME, _VALUE, "customer", ("orders", "products")),
    ("orders", _OCP, _CITY, _VALUE, "city", ("orders", "customers")),
    ("orders", _OCP, _CATEGORY, _CITIES, "category", ("orders", "customers")),
    ("orders", _OCP, _PRODUCT_NAME, _PIECES, "product", ("customers", "products")),
    ("orders", _OCP, _CITY, _MEAN_VALUE, "city", ("orders", "products")),
    ("payments", _POC, _CITY, _PAID, "city", ("payments", "orders")),
    ("payments", _POC, _CUSTOMER_NAME, _PAYMENTS, "customer", ("payments", "customers")),
    ("payments", _POP, _CATEGORY, _MEAN_PAID, "category", ("payments", "orders")),
    ("payments", _POP, _PRODUCT_NAME, _PAID, "product", ("orders", "products")),
)
_EVERY: tuple[tuple[str, str, str, tuple[str, str], Show], ...] = (
    ("customers", "orders", "name", ("customers.id", "orders.customer_id"), _OWN_ORDERS),
    ("customers", "orders", "name", ("customers.id", "orders.customer_id"), _BOUGHT),
    ("products", "orders", "name", ("products.id", "orders.product_id"), _OWN_ORDERS),
    ("products", "orders", "name", ("products.id", "orders.product_id"), _OWN_BUYERS),
    ("orders", "payments", "id", ("orders.id", "payments.order_id"), _OWN_PAYMENTS),
)
"""Base table, table to its right, unique column of the base, the two keys, and what to count."""


def join_frames(level: int) -> Iterator[Frame]:
    """Yield frames that join: rows of two tables; groups and left joins; groups of three tables."""
    if level == 1:
        for table, joins, shows, where in _LISTED:
            key = _ORDER_ID if table == "orders" else _PAYMENT_ID
            yield Frame("rows", table, shows, (key,), joins, ((where, 1),))
    elif level == 2:
        for table, joins, group, show, each, where in _PER:
            yield _grouped(table, joins, group, show, each)._replace(conditions=((where, 1),))
        yield from _every()
    else:
        for table, joins, group, show, each, both in _PER_OF_THREE:
            holes = ((both[0], 1), (both[1], 1))
            yield _grouped(table, joins, group, show, each)._replace(conditions=holes)


def _grouped(table: str, joins: tuple[Join, ...], group: Show, show: Show, each: str) -> Frame:
    by = (group.column.expr,)
    return Frame("groups", table, (group, show), (show, group), joins, group=by, each=each)


def _every() -> Iterator[Frame]:
    for table, other, name, on, show in _EVERY:
        key = plain(table, name, joined=True)
        join = Join(table=other, left=True, on=on)
        by = (key.column.expr,)
        asked = Frame("every", table, (key, show), (show, key), (join,), group=by, each=other)
        yield asked._replace(conditions=((table, 1),))
