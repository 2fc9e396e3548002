"""A config is closed, and what is wrong in it is told in one line with file, key and remedy."""

import pytest

from graphs.config import Config, identity, make_config, override, read_config
from graphs.errors import ConfigError

CHAT = """
[[curriculum.skills]]
name = "triage"
verifier = "judge"
[teacher]
kind = "chat"
model = "m"
base_url = "http://127.0.0.1:1/v1"
[student]
kind = "chat"
model = "m"
base_url = "http://127.0.0.1:1/v1"
"""


def written(tmp_path, text):
    path = tmp_path / "run.toml"
    path.write_text(text)
    return path


def refusal(tmp_path, text):
    with pytest.raises(ConfigError) as caught:
        read_config(written(tmp_path, text))
    message = str(caught.value)
    assert "run.toml" in message
    assert "\n" not in message
    return message


def test_nothing_written_is_the_embedded_faculty(tmp_path):
    assert read_config(written(tmp_path, "")) == Config()


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("sed = 1", ["sed", "'seed'"]),
        ("[teacher]\nkinds = 'chat'", ["[teacher] kinds", "'kind'"]),
        ("near_duplicates = 0.4", ["near_duplicates", "greater", "0.4"]),
        ("near_duplicates = true", ["near_duplicates", "number", "True"]),
        ("[zzz]\na = 1", ["zzz", "known are"]),
        ("[contamination]\nfiles = ['a.txt']\nfile = 1", ["[contamination] file", "'files'"]),
        ("[contamination]\nngram = 8", ["[contamination] files", "required"]),
        ("[contamination]\nfiles = []", ["[contamination] files", "at least 1"]),
        ("[contamination]\nfiles = ['a.txt']\nngram = 1", ["[contamination] ngram", "greater"]),
        ("episodes = 'ten'", ["episodes", "integer", "'ten'"]),
        ("episodes = 0", ["episodes", "greater"]),
        ("episodes = 2.5", ["episodes", "2.5"]),
        ("seed = true", ["seed"]),
        ("when = 2026-01-01", ["dates and times"]),
        ("[student]\ntemperature = nan", ["[student] temperature"]),
        ("[student]\nkind = 'chat'", ["[student] model", "missing"]),
        ("[student]\nkind = 'robot'", ["[student] kind", "embedded"]),
        ("[teacher]\nkind = 'library'", ["[teacher] path", "missing"]),
        ("[teacher]\npath = 'x.csv'", ["[teacher] path", "library"]),
        ("[[curriculum.skills]]\nname = 'a'\nlevel = 2", ["level", "'levels'"]),
        ("[curriculum]\nlanguages = []", ["[curriculum] languages"]),
        (CHAT.replace('[[curriculum.skills]]\nname = "triage"\nverifier = "judge"', ""),
         ["curriculum.skills", "missing"]),
        (CHAT.split("[student]")[0], ["[student] kind", "chat"]),
        (CHAT.replace('"judge"', '"json"'), ["'triage'", "'json' needs data"]),
        ("seed = ", ["not TOML"]),
        ("seed = " + "9" * 5000, ["not TOML"]),
        ("seed = 0x" + "f" * 5000, ["too many digits"]),
        ("[student]\nextra_body = {x = nan}", ["[student] extra_body", "finite"]),
        ("[student]\nextra_body = {x = [{y = -inf}]}", ["[student] extra_body", "finite"]),
        ("[teacher]\nlevel = 99999999999999999999", ["[teacher] level", "1000000"]),
        ("[[curriculum.skills]]\nname = 'a'\nlevels = 99999999999999999999",
         ["[curriculum.skills] levels", "1000000"]),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line_with_place_and_remedy(tmp_path, text, parts):
    message = refusal(tmp_path, text)
    for part in parts:
        assert part in message, message


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"none\.toml: cannot be read"):
        read_config(tmp_path / "none.toml")


def test_bytes_that_are_no_text_are_refused(tmp_path):
    path = tmp_path / "run.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="not TOML"):
        read_config(path)


def test_paths_are_relative_to_the_file(tmp_path):
    text = "[teacher]\nkind='library'\npath='a.jsonl'\nquestion='q'\nreference='r'\n" + (
        "[student]\nkind='chat'\nmodel='m'\nbase_url='http://127.0.0.1:1/v1'"
    )
    assert read_config(written(tmp_path, text)).teacher.path == tmp_path / "a.jsonl"


def test_the_command_line_wins_over_the_file():
    assert override(Config(), seed=9, episodes=None).seed == 9
    with pytest.raises(ConfigError, match="command line: in_flight"):
        override(Config(), in_flight=0)


def test_the_window_is_wide_as_soon_as_a_model_answers(tmp_path):
    assert Config().window == 32
    assert read_config(written(tmp_path, CHAT)).window == 1024
    assert override(Config(), lag=5).window == 5


def test_limits_and_addresses_are_no_part_of_the_identity(tmp_path):
    config = read_config(written(tmp_path, CHAT))
    moved = read_config(written(tmp_path, CHAT.replace(":1/", ":2/") + "timeout_s = 5"))
    limited = override(config, episodes=9, in_flight=1, max_calls=3)
    assert identity(config, {}) == identity(moved, {}) == identity(limited, {})


@pytest.mark.parametrize("change", ["seed = 8", "attempts = 3", "lag = 5"])
def test_what_decides_the_data_is_part_of_the_identity(tmp_path, change):
    config = read_config(written(tmp_path, CHAT))
    other = read_config(written(tmp_path, change + CHAT))
    assert identity(config, {}) != identity(other, {})


def test_a_file_stands_in_the_identity_as_its_digest():
    written = {"expert_seeds": {"path": "a.jsonl", "example": "q"}}
    config = make_config(written, name="t", folder=__import__("pathlib").Path())
    whole = identity(config, {"a.jsonl": "sha256:1"})
    assert whole["expert_seeds"]["path"] == "sha256:1"


JUDGES = (
    CHAT
    + """
[critic]
kind = "chat"
model = "m"
base_url = "http://127.0.0.1:1/v1"
[[critic.judges]]
model = "n"
base_url = "http://127.0.0.1:2/v1"
prompt = "mine.md"
"""
)


def test_further_judges_are_part_of_the_identity_but_for_their_addresses(tmp_path):
    read = {
        name: read_config(written(tmp_path, text))
        for name, text in {
            "as it is": JUDGES,
            "moved": JUDGES.replace(":2/", ":3/") + 'api_key_env = "K"\nprice_in = 1.0\n',
            "another": JUDGES.replace('"n"', '"o"'),
            "hotter": JUDGES + "temperature = 1.0\n",
            "fewer": JUDGES.split("[[critic.judges]]")[0],
        }.items()
    }
    mine = str(tmp_path / "mine.md")
    whole = {name: identity(each, {mine: "sha256:1"}) for name, each in read.items()}
    assert whole["as it is"] == whole["moved"]
    assert whole["as it is"]["critic"]["judges"] == [{"model": "n", "prompt": "sha256:1"}]
    assert identity(read["as it is"], {mine: "sha256:2"}) != whole["as it is"]
    for name in ("another", "hotter", "fewer"):
        assert whole[name] != whole["as it is"]
    assert [str(path) for path in read["as it is"].prompts] == [mine]


def test_without_further_judges_a_critic_is_what_it_was(tmp_path):
    critic = read_config(written(tmp_path, JUDGES.split("[[critic.judges]]")[0])).critic
    assert (critic.votes, critic.agreement, critic.step_labels, critic.judges) == (
        1,
        "unanimous",
        True,
        [],
    )
    assert identity(Config(critic=critic), {})["critic"] == {"kind": "chat", "model": "m"}


@pytest.mark.parametrize(
    ("change", "parts"),
    [
        (('model = "n"', ""), ["[[critic.judges]] model", "missing"]),
        (('model = "n"', 'model = "n"\ntemprature = 1'), ["[critic.judges] temprature", "'temper"]),
        (('kind = "chat"\nmodel = "m"\nbase_url = "http://127.0.0.1:1/v1"\n[[critic', "[[critic"),
         ["[[critic.judges]]", '"chat"']),
        (("[[critic.judges]]", "votes = 0\n[[critic.judges]]"), ["[critic] votes"]),
        (("[[critic.judges]]", "votes = 11\n[[critic.judges]]"), ["[critic] votes"]),
        (("[[critic.judges]]", 'agreement = "some"\n[[critic.judges]]'), ["agreement", "majority"]),
    ],
)  # fmt: skip
def test_a_mistake_about_judges_is_one_line_with_place_and_remedy(tmp_path, change, parts):
    message = refusal(tmp_path, JUDGES.replace(*change))
    for part in parts:
        assert part in message, message


def test_benchmarks_are_beside_the_file_and_part_of_the_identity_by_their_content(tmp_path):
    text = "[contamination]\nfiles = ['a.jsonl:question', '/b.txt']\nngram = 8"
    config = read_config(written(tmp_path, text))
    first = f"{tmp_path / 'a.jsonl'}:question"

    assert config.benchmarks == {"files": [first, "/b.txt"], "ngram": 8}
    known = identity(config, {first: "sha256:1:question", "/b.txt": "sha256:2"})
    assert known["contamination"] == {"files": ["sha256:1:question", "sha256:2"], "ngram": 8}
    assert str(tmp_path) not in str(known)


def test_what_came_later_and_is_off_changes_no_identity():
    assert not {"contamination", "near_duplicates"} & identity(Config(), {}).keys()
