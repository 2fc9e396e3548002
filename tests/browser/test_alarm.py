"""The alarm rings: where nothing stops the attacks they run, and the watch sees it."""

import pytest

from tests.hostile import ATTACKS, MARKUP

Error = pytest.importorskip("playwright.sync_api").Error

SLEEPERS = 3
"""Forms that wait until a person presses what is in them."""


def test_attacks_run_where_nothing_stops_them_and_are_seen(opening):
    watched = opening("http://127.0.0.1:1")
    silent = []
    for attack in MARKUP:
        watched.wrongs.clear()
        watched.page.set_content(f"<main>{attack}", wait_until="domcontentloaded")
        try:
            seen = watched.poke().made_of().hacked
        except Error as gone:  # it has led the page elsewhere
            seen = "destroyed" in str(gone)
        if not seen and not watched.wrongs:
            silent.append(attack)
    assert len(silent) <= SLEEPERS, silent


def test_no_attack_is_there_twice():
    assert len(set(ATTACKS)) == len(ATTACKS)
