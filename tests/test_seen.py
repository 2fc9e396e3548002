"""What has gone by is known, in whatever thread it is forgotten."""

import threading

import pytest

from storage.errors import DiskError
from storage.export.seen import Seen, Waiting


def test_who_had_a_key_first_is_known_and_of_others_nothing_is_kept():
    seen = Seen()
    assert seen.first("k") is None
    seen.add("k", "one")
    seen.add("k", "other")
    assert seen.first("k") == "one"

    some = Seen(again={"k"})
    some.add("k", "one")
    some.add("once", "one")
    assert (some.first("k"), some.first("once")) == ("one", None)


def test_what_waits_comes_in_order_and_once():
    waiting = Waiting()
    for who in ("b", "a"):
        waiting.add(who, "q", "7")
    assert list(waiting.taken()) == [("b", "q", "7"), ("a", "q", "7")]
    assert list(waiting.taken()) == []


@pytest.mark.filterwarnings("error")
def test_it_may_be_forgotten_in_any_thread():
    kept = [Seen(), Waiting()]
    thread = threading.Thread(target=kept.clear)
    thread.start()
    thread.join()
    assert kept == []


def test_a_fault_of_the_scratch_file_is_not_blamed_on_the_database():
    seen = Seen()
    seen.add("k", "one")
    with pytest.raises(DiskError, match="the temporary folder"):
        seen._scratch.ask("SELECT nothing FROM nowhere")
