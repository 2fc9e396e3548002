"""An export is all there or not at all, the same for the same database, and refuses in one line."""

import json
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from agents.steps.written import written_steps
from storage import ids
from storage.errors import Lacking, NotWritable, Unknown
from storage.export import FORMATS
from storage.export.containers import new_files, new_folder
from storage.export.dataset import beside, export, forms_of
from storage.export.exported import Source
from storage.export.options import Options
from storage.export.splits import Splits
from storage.queries import Reader

PART = {"splits": "80,10,10", "split": "train"}
CONTAINERS = ("jsonl", "jsonl.zst", "parquet")


def needs(container):
    for package in {"jsonl": (), "jsonl.zst": ("zstandard",), "parquet": ("pyarrow",)}[container]:
        pytest.importorskip(package, reason="the extra `export` is not installed")


@pytest.fixture(scope="module")
def school(command, tmp_path_factory):
    """A database of 300 embedded episodes, and its run."""
    path = tmp_path_factory.mktemp("school") / "lyceum.db"
    done = command("generate", "--episodes", "300", "--db", path, "--json")
    assert done.returncode == 0, done.stderr
    return path


def written(school, names, path, *, force=False, **options):
    with Reader.open(school) as reader:
        source = Source(reader, [reader.latest_run()], written_steps)
        return export(source, forms_of(names, path), path, Options(**options), force=force)


def all_bytes(folder):
    return {
        path.relative_to(folder): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize("form", ["sft", "preference", "kto"])
def test_the_same_database_and_options_give_the_same_bytes(form, container, school, tmp_path):
    needs(container)
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        written(school, form, tmp_path / name / f"x.{container}", **PART)

    one, other = all_bytes(tmp_path / "a"), all_bytes(tmp_path / "b")
    assert one == other
    assert {str(path) for path in one} == {f"x.{container}", "x.left-out.jsonl", "x.manifest.json"}
    written(school, form, tmp_path / "a" / f"x.{container}", force=True, **PART)
    assert all_bytes(tmp_path / "a") == other


def test_a_folder_has_the_same_bytes_whenever_it_is_made(school, tmp_path):
    for name in ("a", "b"):
        made = written(school, "all", tmp_path / name, container="jsonl", splits="70,15,15")
        assert not made.lacking
    assert all_bytes(tmp_path / "a") == all_bytes(tmp_path / "b")

    names = {path.as_posix() for path in all_bytes(tmp_path / "a")}
    assert names >= {"README.md", "manifest.json", "croissant.json", "sft/left-out.jsonl"}
    assert {name.partition("/")[0] for name in names if name.endswith("of-00001.jsonl")} == set(
        FORMATS
    )


def test_rows_are_what_the_account_says_and_what_is_left_out_is_listed(school, tmp_path):
    made = written(school, "all", tmp_path / "a", container="jsonl", per_lesson=1)
    removed = Counter()
    listed = sorted((tmp_path / "a").glob("*/left-out.jsonl"))
    lines = [line for path in listed for line in path.read_text().splitlines()]
    for row in map(json.loads, lines):
        assert set(row) == {"format", "attempt_id", "trajectory_id", "reason", "twin"}
        removed[row["format"], row["reason"]] += 1
    with closing(sqlite3.connect(school)) as database:
        [[attempts]] = database.execute("SELECT count(*) FROM attempts").fetchall()
    for form, account in made.accounts.items():
        rows = [
            json.loads(line)
            for path in (tmp_path / "a" / form).glob("*-of-*")
            for line in path.read_text().splitlines()
        ]
        assert len(rows) == account.examples.total() > 0
        assert account.attempts.total() == attempts
        for reason, count in account.left_out.items():
            assert removed[form, reason] in (0, count)
    assert set(removed) <= {
        (form, reason) for form, account in made.accounts.items() for reason in account.left_out
    }


@pytest.mark.parametrize("there", ["x.jsonl", "x.left-out.jsonl", "x.manifest.json"])
def test_what_exists_is_kept_unless_it_is_forced(there, school, tmp_path):
    (tmp_path / there).write_text("mine")
    with pytest.raises(NotWritable, match="exists already"):
        written(school, "sft", tmp_path / "x.jsonl")
    assert [path.name for path in tmp_path.iterdir()] == [there]
    assert (tmp_path / there).read_text() == "mine"

    written(school, "sft", tmp_path / "x.jsonl", force=True)
    assert len(list(tmp_path.iterdir())) == 3
    assert (tmp_path / there).read_text() != "mine"


def test_a_folder_of_something_else_is_never_replaced(school, tmp_path):
    for force in (False, True):
        (tmp_path / "a").mkdir(exist_ok=True)
        (tmp_path / "a" / "mine.txt").write_text("mine")
        with pytest.raises(NotWritable):
            written(school, "sft", tmp_path / "a", force=force, container="jsonl")
        assert all_bytes(tmp_path / "a") == {Path("mine.txt"): b"mine"}


def test_the_database_is_never_written_over(classroom, tmp_path):
    one = classroom.episode(0, "q", classroom.tried("a"))
    (tmp_path / "a").mkdir()
    path = classroom.written(tmp_path / "a" / "x.jsonl", one)
    before = path.read_bytes()
    (tmp_path / "link.jsonl").hardlink_to(path)
    (tmp_path / "a" / "manifest.json").write_text("{}")

    for place in (path, tmp_path / "link.jsonl", tmp_path / "a"):
        with pytest.raises(NotWritable, match="the database"):
            written(path, "sft", place, force=True, container="jsonl")
    assert path.read_bytes() == before


def test_what_the_database_cannot_give_is_noted_while_others_are_written(classroom, tmp_path):
    one = classroom.episode(0, "q", classroom.tried("a"))
    path = classroom.written(tmp_path / "a.db", one)
    made = written(path, "all", tmp_path / "out", container="jsonl", splits="100,0,0")

    assert set(made.lacking) == {"preference", "kto", "stepwise", "critique"}
    assert all(FORMATS[form].lacking in why for form, why in made.lacking.items())
    folders = {each.name for each in (tmp_path / "out").iterdir() if each.is_dir()}
    assert folders - {"plots"} == {"sft", "prompt-completion", "rl"}


@pytest.mark.parametrize("place", ["x.jsonl", "out"])
def test_where_nothing_can_be_given_nothing_is_written(place, classroom, tmp_path):
    one = classroom.episode(0, "q", classroom.tried("a"))
    path = classroom.written(tmp_path / "a.db", one)
    for form in ("kto", "stepwise", "preference"):
        with pytest.raises(Lacking, match=form):
            written(path, form, tmp_path / place, container="jsonl")
    assert [each.name for each in tmp_path.iterdir()] == ["a.db"]


def test_labels_all_of_one_kind_are_refused_though_a_held_out_split_has_the_other(
    classroom, tmp_path
):
    splits = Splits(0.2, 0.2)
    places = [splits.of(ids.question_digest(f"q{n}")) for n in range(60)]
    assert set(places) == {"train", "validation", "test"}
    some = [
        classroom.episode(
            n, f"q{n}", classroom.tried("a", "accepted" if place == "train" else "rejected")
        )
        for n, place in enumerate(places)
    ]
    path = classroom.written(tmp_path / "a.db", *some)
    with pytest.raises(Lacking, match="only one kind"):
        written(path, "kto", tmp_path / "x.jsonl", splits="60,20,20", split="train")


def test_names_of_formats_are_read_with_commas_and_unknown_ones_refused(tmp_path):
    folder, file = tmp_path / "a", tmp_path / "a.jsonl"
    assert [form.name for form in forms_of("all", folder)] == list(FORMATS)
    assert [form.name for form in forms_of("kto, sft,kto", folder)] == ["kto", "sft"]
    assert [form.name for form in forms_of("rl", file)] == ["rl"]
    with pytest.raises(Unknown, match="did you mean 'preference'"):
        forms_of("preferences", folder)
    with pytest.raises(NotWritable, match="holds one format"):
        forms_of("sft,kto", file)


def test_what_stands_beside_a_file_has_its_name():
    assert beside(Path("a/train.jsonl.zst"), "manifest.json") == Path("a/train.manifest.json")
    assert beside(Path("a/t.v2.parquet"), "left-out.jsonl") == Path("a/t.v2.left-out.jsonl")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["sfd", "x.jsonl"], 2, "did you mean 'sft'"),
        (["sft,kto", "x.jsonl"], 2, "holds one format"),
        (["sft", "x.jsonl", "--skill", "sorting "], 2, "did you mean 'sorting'"),
        (["sft", "x.jsonl", "--level", "99"], 2, "--level '99'"),
        (["sft", "x.jsonl", "--status", "good"], 2, "--status 'good'"),
        (["sft", "x.jsonl", "--licence", "MIT"], 2, "nor is there any other"),
        (["sft", "x.jsonl", "--splits", "1,2,3"], 2, "90,5,5"),
        (["sft", "x.jsonl", "--split", "dev"], 2, "train, validation or test"),
        (["sft", "x.jsonl", "--dialect", "trll"], 2, "did you mean 'trl'"),
        (["sft", "x.jsonl", "--run", "rnone"], 2, "rnone"),
        (["sft", "x.jsonl", "--benchmark", "none.jsonl"], 2, "none.jsonl"),
        (["kto", "x.jsonl", "--status", "accepted"], 1, "only one kind"),
        (["sft", "x.jsonl", "--max-prompt-tokens", "1", "--on-bad", "stop"], 1, "--on-bad stop"),
        (["sft", "x.jsonl", "--max-prompt-tokens", "1"], 1, "nothing to export"),
    ],
)
def test_the_command_line_refuses_in_one_line_and_writes_nothing(
    arguments, code, words, school, command, tmp_path
):
    done = command("export", *arguments, "--db", school, cwd=tmp_path)

    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.count("\n") == 1
    assert words in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_only_a_judge_decided_has_no_rl(classroom, command, tmp_path):
    one = classroom.episode(0, "q", classroom.tried("a", rung="judge"), verifier="judge")
    path = classroom.written(tmp_path / "a.db", one)
    done = command("export", "rl", "x.jsonl", "--db", path, cwd=tmp_path)

    assert done.returncode == 1
    assert "reward function" in done.stderr


def test_several_runs_are_one_export_and_a_program_can_read_what_came_of_it(
    classroom, command, tmp_path
):
    path = classroom.written(
        tmp_path / "a.db",
        classroom.episode(0, "q", classroom.tried("a"), classroom.tried("b", "rejected")),
        classroom.episode(0, "p", classroom.tried("c"), run="r2"),
        runs=("r1", "r2"),
    )
    given = ["export", "sft", "x.jsonl", "--db", path, "--json"]
    both = json.loads(command(*given, "--run", "r1", "--run", "r2", cwd=tmp_path).stdout)
    latest = json.loads(command(*given, "--force", cwd=tmp_path).stdout)

    assert (both["examples"], latest["examples"]) == (2, 1)
    assert both["formats"]["sft"] == {
        "examples": 2, "splits": {"train": 2}, "attempts": {"accepted": 2, "rejected": 1},
        "used": 2, "left_out": {"rejected": 1},
    }  # fmt: skip


def test_a_file_of_a_kind_that_no_export_makes_is_no_folder(tmp_path):
    for name in ("train.csv", "train.json", "train.JSONL.gz"):
        with pytest.raises(NotWritable, match="or name a folder"):
            forms_of("sft", tmp_path / name)
    assert [form.name for form in forms_of("sft,kto", tmp_path / "set.v1")] == ["sft", "kto"]


def test_a_file_holds_one_split_and_a_run_counts_once(school, tmp_path):
    with pytest.raises(Unknown, match="add --split train"):
        written(school, "sft", tmp_path / "x.jsonl", splits="80,10,10")
    with Reader.open(school) as reader:
        runs = [reader.latest_run()] * 2
        path = tmp_path / "x.jsonl"
        made = export(Source(reader, runs, written_steps), [FORMATS["rl"]], path, Options())
    assert made.examples == 300


def test_what_comes_into_the_way_meanwhile_is_kept(tmp_path):
    def folder_in_the_way():
        with new_folder(tmp_path / "a") as folder:
            (folder / "x").write_text("new")
            (tmp_path / "a").mkdir()
            (tmp_path / "a" / "thesis.txt").write_text("mine")

    def file_in_the_way():
        names = ["x.jsonl", "x.manifest.json"]
        with new_files(tmp_path / "x.jsonl", names, force=False) as folder:
            (folder / "x.jsonl").write_text("new")
            (tmp_path / "x.manifest.json").write_text("mine")

    for make in (folder_in_the_way, file_in_the_way):
        with pytest.raises(NotWritable, match="exists already"):
            make()
    assert all_bytes(tmp_path / "a") == {Path("thesis.txt"): b"mine"}
    assert {path.name for path in tmp_path.iterdir()} == {"a", "x.manifest.json"}


def test_what_does_not_come_again_goes_with_the_export_that_it_belonged_to(school, tmp_path):
    path = tmp_path / "x.jsonl"
    written(school, "kto", path, dialect="axolotl")
    assert (tmp_path / "x.axolotl.yaml").exists()
    with pytest.raises(Lacking):
        written(school, "kto", path, force=True, status=["accepted"])
    assert (tmp_path / "x.axolotl.yaml").exists()

    written(school, "sft", path, force=True)
    assert {each.name for each in tmp_path.iterdir()} == {
        "x.jsonl", "x.left-out.jsonl", "x.manifest.json"
    }  # fmt: skip


def test_options_that_leave_nothing_are_blamed_and_not_the_run(school, tmp_path):
    for more, why in (
        ({"max_prompt_tokens": 1}, "longer than --max-prompt-tokens"),
        ({"status": ["rejected"]}, "a filter does not let it pass"),
    ):
        with pytest.raises(Lacking, match=why):
            written(school, "sft", tmp_path / "x.jsonl", **more)
    with pytest.raises(Lacking, match="options left out"):
        written(school, "kto", tmp_path / "x.jsonl", status=["accepted"])


def test_balanced_rows_are_as_many_as_the_rarest_also_with_few_a_lesson(school, tmp_path):
    path = tmp_path / "x.jsonl"
    written(school, "kto", path, balance=True, per_lesson=1)
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    assert len(set(Counter(row["skill"] for row in rows).values())) == 1
    assert max(Counter(row["lesson_id"] for row in rows).values()) == 1


def test_a_benchmark_may_be_named_with_a_column_and_its_path_is_in_no_file(school, tmp_path):
    with closing(sqlite3.connect(school)) as database:
        [[question]] = database.execute("SELECT question FROM lessons LIMIT 1").fetchall()
    folder = tmp_path / "benchmarks"
    folder.mkdir()
    (folder / "b.jsonl").write_text(json.dumps({"q": question}) + "\n")
    (tmp_path / "out").mkdir()
    path = tmp_path / "out" / "x.jsonl"
    made = written(school, "rl", path, benchmark=[folder / "b.jsonl:q"])
    assert made.accounts["rl"].left_out["contaminated"] >= 1
    whole = b"".join(all_bytes(tmp_path / "out").values())
    assert b"b.jsonl line 1" in whole
    assert str(folder).encode() not in whole
