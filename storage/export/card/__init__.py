"""The card of an export: a page that says what is in it, how it was made, and how far to trust it.

The prose stands in `card.md`; each file beside it gives some of its sections their values. What a
newcomer gets wrong: names of models, skills, authors and licences were written by strangers, so
everything that the template puts in is escaped unless this package made it `Safe`.
"""

from storage.export.card.page import card

__all__ = ["card"]
