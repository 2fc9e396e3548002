"""Records to what a person reads. Everything here returns text or renderables; nothing prints."""

from storage.report.clean import clean, one_line
from storage.report.conversation import conversation
from storage.report.text import curriculum_tree, run_list, run_summary, trajectory_list
from storage.report.why import why

__all__ = [
    "clean",
    "conversation",
    "curriculum_tree",
    "one_line",
    "run_list",
    "run_summary",
    "trajectory_list",
    "why",
]
