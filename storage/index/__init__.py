"""The file beside the database by which its trajectories are found at once.

`index` is the file and how it keeps up, `asked` what is asked of it, `finding` the answers.
"""

from storage.index.asked import Filters
from storage.index.finding import Found, Listed, find, offered
from storage.index.index import Index

__all__ = ["Filters", "Found", "Index", "Listed", "find", "offered"]
