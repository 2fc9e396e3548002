"""What can go wrong between this package and the disk.

StorageError
├── NotOurs       the file is not SQLite, or is SQLite but not Lyceum's
├── Newer         the file has a schema of a newer Lyceum
├── Locked        another process holds the database
├── NotWritable   the file or its folder cannot be written, or must not be written over
├── DiskError     the disk is full, or reading or writing failed
├── Corrupt       the database is damaged, or a row no longer holds a record
├── Refused       a row contradicts a constraint, or what is already stored under its id
├── Missing       no such file, run, trajectory or other id
├── Away          a database that was open is not there any more
├── Ambiguous     an abbreviated id fits several
├── RunHeld       another process is working on this run
├── NotTaken      what a person said or did is nothing that can be written down
├── SourceError   a file of lessons or expert seeds cannot be used
├── Unknown       a filter, a format or an option names nothing that there is
├── Unspoken      a dialect of exports has no such format, or none in such a file
├── Unfit         an example that its consumer would drop, or read as something else
├── Lacking       the database has nothing of which that could be made
├── BadRow        a row that trainers would swallow, where the user asked to stop at one
├── NotWhole      a folder is no export, or no longer what was exported
├── NotPushed     a hub did not take an export
├── NotSent       a collector did not take spans
└── NotInstalled  a package of an extra is needed and missing

Every message is one line: what, where, remedy.
"""


class StorageError(Exception):
    """The ancestor of all errors of this package. Catch a narrower one."""


class NotOurs(StorageError):
    """The file is no Lyceum database; nothing was written to it. Name another file."""


class Newer(StorageError):
    """A newer Lyceum made this file; nothing was written to it. Upgrade, or name another file."""


class Locked(StorageError):
    """Another process held the database for longer than we wait. Try again when it is done."""


class NotWritable(StorageError):
    """A file or folder cannot be written, or a file exists that must not be replaced unasked."""


class DiskError(StorageError):
    """The disk is full or failing. What was committed before stands; free some space and resume."""


class Corrupt(StorageError):
    """The database is damaged, or was edited so that a row no longer holds a record."""

    def __init__(self, message: str, *, table: str = "", id: str = "") -> None:
        super().__init__(message)
        self.table = table
        self.id = id
        """The row, if one row is what is wrong."""


class Refused(StorageError):
    """A row contradicts a constraint or what is stored under its id. This is a bug: report it."""


class Missing(StorageError):
    """There is no such file, or no such id in the database."""


class Away(StorageError):
    """A database that was open is not there any more. Put it back, or name another."""


class Ambiguous(StorageError):
    """An abbreviated id fits several; write more of it."""


class RunHeld(StorageError):
    """Another process is working on this run. Wait for it, or end it."""

    def __init__(self, message: str, *, pid: int | None) -> None:
        super().__init__(message)
        self.pid = pid
        """The process that holds the run. None: it did not say."""


class NotTaken(StorageError):
    """What a person said or did was not written down. The message says what to do about it."""


class Unspoken(StorageError):
    """A dialect has no such format, or not in such a file. The message names those that do."""


class Unfit(StorageError):
    """A dialect cannot say this example: its consumer would drop it, or read another. Count it.

    The message is the reason alone, the same for all examples that share it.
    """


class NotWhole(StorageError):
    """A folder is no export, or was changed since. Nothing was sent anywhere; export it again."""


class NotPushed(StorageError):
    """A hub did not take an export, or what talks to it is not installed. No key is in the text."""


class NotSent(StorageError):
    """A collector did not take spans. Nothing is lost: the same command sends them again."""

    def __init__(self, message: str, *, passing: bool = False) -> None:
        super().__init__(message)
        self.passing = passing
        """Whether it may be otherwise soon: it is busy, or not there just now."""


class SourceError(StorageError):
    """A file of lessons or expert seeds cannot be used. The message says what to change in it."""


class Unknown(StorageError):
    """What was asked for by name is not there; the message names the nearest that is."""


class Lacking(StorageError):
    """The database has nothing of which that could be made. The message says how to get it."""


class BadRow(StorageError):
    """A row is one that trainers swallow without a word, and the user asked to stop there."""


class NotInstalled(StorageError):
    """A package of an extra is needed and missing. The message says what to install."""
