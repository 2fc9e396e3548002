"""The schema, as the steps that made it; they are known once they are imported, in their order."""

from storage.migrations import (
    m001_first_tables,
    m002_who_says_which_step_is_wrong,
    m003_sums_that_triggers_keep,
    m004_bands_of_questions,
    m005_people_pulses_and_changes,
)
from storage.migrations.history import APPLICATION_ID, migrations, pending, unknown

__all__ = [
    "APPLICATION_ID",
    "m001_first_tables",
    "m002_who_says_which_step_is_wrong",
    "m003_sums_that_triggers_keep",
    "m004_bands_of_questions",
    "m005_people_pulses_and_changes",
    "migrations",
    "pending",
    "unknown",
]
