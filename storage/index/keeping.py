"""Put what changed into the index, a batch at a time; each is one transaction.

What a newcomer gets wrong: the mark up to which was read is written in the same transaction as what
was read, so a process that is killed has lost nothing, and two processes never do the same twice.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Sequence
from typing import Any

from storage.index import reading, schema
from storage.index.reading import Line
from storage.queries import Reader

BATCH = 4_000
"""How many changes, or texts, are read in one transaction."""
_FIELDS = ("key", "combo", "trajectory_id", "n", "reward", "attempts", *schema.FACETS, "need")
_PUT = f"""INSERT INTO listed ({", ".join(_FIELDS)}, wanted)
    VALUES ({", ".join("?" for _ in _FIELDS)}, ?)"""
_OLD = """SELECT key, combo, doc FROM listed WHERE {column} IN (SELECT value FROM json_each(?))"""
_COMBO_COLUMNS = (*schema.FACETS, "scored")
_COMBO = f"""INSERT INTO combos ({", ".join(_COMBO_COLUMNS)}, times)
    VALUES ({", ".join("?" for _ in _COMBO_COLUMNS)}, 0)"""
_COMBO_ID = f"SELECT id FROM combos WHERE {' AND '.join(f'{c} = ?' for c in _COMBO_COLUMNS)}"
_UNREAD = "SELECT key, trajectory_id FROM listed WHERE doc IS NULL ORDER BY key LIMIT ?"
_TERM = """INSERT INTO terms (term, docs) VALUES (?, ?)
    ON CONFLICT DO UPDATE SET docs = docs + excluded.docs"""
_FURTHEST = 1 << schema.RUN_BITS


class Keeper:
    """What is known of names and combinations while an index is kept up.

    It is good for as long as every transaction that it was used in was committed.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._combos: dict[tuple[str | int, ...], tuple[int, tuple[int, ...]]] = {}

    def read_changes(self, reader: Reader, most: int) -> int:
        """Read the changes that follow those that were read; return how many.

        Before them all trajectories are read, and counted, for somebody may have deleted changes.
        """
        read_to = schema.meta(self._connection).get("read_to")
        if read_to is None:
            schema.begin(self._connection, reader)
        if (at := schema.first(self._connection)) is not None:
            return self._read_first(reader, at, most)
        changes, ids = reading.changed(reader, int(read_to or 0), most)
        if changes:
            self._put(reader, ids)
            schema.remember(self._connection, reader, changes[-1])
        return len(changes)

    def read_texts(self, reader: Reader, most: int) -> int:
        """Read the texts of trajectories whose texts were not read yet; return of how many."""
        unread = self._connection.execute(_UNREAD, (most,)).fetchall()
        found = reading.texts(reader, [one for _, one in unread])
        sql = "SELECT key, next FROM editions WHERE key IN (SELECT value FROM json_each(?))"
        keys = json.dumps([key for key, _ in unread])
        editions = dict(self._connection.execute(sql, (keys,)).fetchall())
        docs = [(key << schema.EDITION_BITS | editions.get(key, 0), key) for key, _ in unread]
        said = ((doc, found.get(one, "")) for (doc, _), (_, one) in zip(docs, unread, strict=True))
        self._connection.executemany("INSERT INTO texts (rowid, said) VALUES (?, ?)", said)
        documents = Counter[str]()
        for text in found.values():
            documents.update(set(text.lower().split()))
        self._connection.executemany(_TERM, sorted(documents.items()))
        self._connection.executemany("UPDATE listed SET doc = ? WHERE key = ?", docs)
        return len(unread)

    def _read_first(self, reader: Reader, at: schema.First, most: int) -> int:
        found = reading.following(reader, at.run, at.n, most + 1)
        read = found[:most]
        self._put(reader, [one for _, _, one in read])
        run, n, _ = read[-1] if read else (at.run, at.n, "")
        done = len(found) <= most
        left = max(1, at.left - len(read))
        schema.go_on(self._connection, None if done else schema.First(run, n, left))
        return len(read)

    def _number_runs(self, reader: Reader) -> None:
        """Let runs have numbers as they began, also those of which nothing has landed yet."""
        known, sql = reading.runs(reader), "SELECT count(*) FROM names WHERE kind = 'run'"
        if self._connection.execute(sql).fetchone() != (len(known),):
            for run in known:
                self._name("run", run)

    def _put(self, reader: Reader, ids: Sequence[str]) -> None:
        """Let these trajectories be in the table as they are, or not at all."""
        self._number_runs(reader)
        rows, times = [], Counter[int]()
        for line in reading.lines(reader, ids):
            if line.n < _FURTHEST:
                row = self._row(line)
                rows.append(row)
                times[row[1]] += 1
        keys = [row[0] for row in rows]
        old: dict[int, tuple[int, int | None]] = {}
        for column, wanted in (("trajectory_id", ids), ("key", keys)):
            sql = _OLD.format(column=column)
            for key, combo, doc in self._connection.execute(sql, (json.dumps(wanted),)):
                old[key] = combo, doc
        times.subtract(combo for combo, _ in old.values())
        self._take_out(old)
        self._connection.executemany(_PUT, sorted(rows))
        changes = [(change, combo) for combo, change in times.items() if change]
        self._connection.executemany("UPDATE combos SET times = times + ? WHERE id = ?", changes)

    def _take_out(self, old: dict[int, tuple[int, int | None]]) -> None:
        """Take rows out; a document cannot be, so its number is never used again."""
        gone = [(key,) for key in old]
        self._connection.executemany("DELETE FROM listed WHERE key = ?", gone)
        read = [(key, doc) for key, (_, doc) in old.items() if doc is not None]
        following = [(key, (doc & schema.LATEST) + 1) for key, doc in read]
        if any(edition > schema.LATEST for _, edition in following):
            schema.forget_texts(self._connection)
        else:
            sql = "INSERT OR REPLACE INTO editions (key, next) VALUES (?, ?)"
            self._connection.executemany(sql, following)

    def _row(self, line: Line) -> tuple[Any, ...]:
        spoken, scored = line.spoken > 0, line.reward is not None
        combo, facets = self._combo((*line.facets, spoken, scored))
        return (
            facets[0] << schema.RUN_BITS | line.n, combo, line.id, line.n, line.reward,
            line.attempts, *facets, line.spoken, line.need, line.wanted,
        )  # fmt: skip

    def _name(self, kind: str, name: str) -> int:
        if not name:
            return schema.NOTHING
        sql = "INSERT INTO names (kind, name) VALUES (?, ?) ON CONFLICT DO NOTHING"
        self._connection.execute(sql, (kind, name))
        sql = "SELECT id FROM names WHERE kind = ? AND name = ?"
        return int(self._connection.execute(sql, (kind, name)).fetchone()[0])

    def _combo(self, said: tuple[str | int, ...]) -> tuple[int, tuple[int, ...]]:
        """Return the number of a combination, and those of its names and its level."""
        known = self._combos.get(said)
        if known is None:
            *facets, spoken, scored = said
            numbers = tuple(
                each if isinstance(each, int) else self._name(kind, each)
                for kind, each in zip(schema.FACETS, facets, strict=False)
            )
            combo = (*numbers, int(spoken), int(scored))
            found = self._connection.execute(_COMBO_ID, combo).fetchone()
            number = found[0] if found else self._connection.execute(_COMBO, combo).lastrowid or 0
            known = self._combos[said] = number, numbers
        return known
