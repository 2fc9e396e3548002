"""Questions about the database of a small shop, answered by one SQL query."""

from agents.embedded.shop.domain import Shop

__all__ = ["Shop"]
