"""What stands in the columns of an export: declared, never guessed from the first rows.

What a newcomer gets wrong: readers that infer a schema fill keys that some rows lack with null, and
so change what a trainer reads. So every message of an export has the same keys, see `Shape`.
"""

from dataclasses import dataclass
from typing import Literal

from pydantic import JsonValue

Example = dict[str, JsonValue]
"""One exported training row, by column."""
Kind = Literal[
    "text", "integer", "number", "flag", "message", "messages", "texts", "flags", "images", "json"
]
"""What a column holds; any of them but a label may be null. `images` are bytes of PNG or JPEG in
Parquet, and data URLs in JSON lines. `json` is a shape of a dialect's own."""
Columns = dict[str, Kind]
"""In the order of the file."""

SOURCE: Columns = {
    "id": "text",
    "trajectory_id": "text",
    "lesson_id": "text",
    "expert_seed": "text",
    "licence": "text",
    "family": "text",
    "skill": "text",
    "level": "integer",
    "language": "text",
    "made_by": "text",
    "rung": "text",
    "reward": "number",
    "weight": "number",
}
"""Where a row comes from, in every format."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Which keys all messages of an export have beside role and content."""

    reasoning: bool = False
    """`reasoning_content`: what a model thought before it spoke; null where it did not."""
    tool_calls: bool = False
    """`tool_calls`: null where none were made. Their arguments stay objects of any keys."""
    images: bool = False
    """Content is a list of parts, and the pictures stand in a column `images`."""
    train: bool = False
    """`train`: whether a trainer that can tell turns apart is to learn this one."""
