"""A model costs what the config says, else what its provider's list says, else nobody knows."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from genai_prices.data_snapshot import get_snapshot

from agents.chat.prices import PROVIDERS, listed_price, own_price
from storage.records import Reply

OPENAI = "https://api.openai.com/v1"
LOAD = """
import socket, sys

def watch(event, arguments):
    inet = (socket.AF_INET, socket.AF_INET6)
    network = event == "socket.__new__" and arguments[1] in inet
    if network or event == "socket.getaddrinfo":
        print(event, arguments)

sys.addaudithook(watch)
from agents.chat.prices import listed_price, own_price
assert listed_price("gpt-oss", "http://127.0.0.1:8000/v1") is None
assert own_price(1.0, 2.0)
assert "genai_prices" not in sys.modules
from storage.records import Reply
price = listed_price("gpt-5", "https://api.openai.com/v1")
assert price.cost_usd(Reply(text="", raw="{}", tokens_in=10, tokens_out=10)) > 0
assert "genai_prices" in sys.modules
"""


def reply(raw="{}", tokens_in=1000, tokens_out=100):
    return Reply(text="x", raw=raw, tokens_in=tokens_in, tokens_out=tokens_out)


def test_own_prices_are_per_million_and_one_that_is_left_out_is_nothing():
    assert own_price(None, None) is None
    assert own_price(2.0, 4.0).cost_usd(reply()) == pytest.approx(0.0024)
    assert own_price(2.0, None).cost_usd(reply()) == pytest.approx(0.002)
    assert own_price(2.0, 4.0).cost_usd(reply(tokens_out=None)) is None


@pytest.mark.parametrize(
    ("model", "address"),
    [
        ("gpt-5", OPENAI),
        ("openai:gpt-5", None),
        ("azure_openai:gpt-5", None),
        ("gpt-5", "https://mine.openai.azure.com/openai/v1"),
        ("claude-sonnet-4-5", "https://api.anthropic.com/v1/"),
        ("anthropic:claude-sonnet-4-5", None),
        ("gemini-2.5-pro", "https://generativelanguage.googleapis.com/v1beta/openai/"),
        ("mistralai:mistral-large-latest", None),
        ("qwen/qwen3-8b", "https://openrouter.ai/api/v1"),
    ],
)
def test_a_models_price_is_known_where_the_address_or_the_prefix_says_whose_it_is(model, address):
    price = listed_price(model, address)
    cheap, dear = price.cost_usd(reply()), price.cost_usd(reply(tokens_in=2000, tokens_out=200))
    assert 0 < cheap < dear
    assert price.cost_usd(reply(tokens_in=None)) is None
    price_in, price_out = price.per_million
    assert cheap <= (1000 * price_in + 100 * price_out) / 1e6 * (1 + 1e-9)


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8000", "localhost:8000", "[::1]:8000", "gpu", "10.0.0.7"]
)
@pytest.mark.parametrize("model", ["gpt-oss", "gpt-5", "qwen3-8b", "qwen/qwen3-8b", "claude"])
def test_a_model_on_a_machine_of_ones_own_has_no_known_price(model, host):
    assert listed_price(model, f"http://{host}/v1") is None


@pytest.mark.parametrize(
    ("model", "address"),
    [
        ("gpt-5", "https://api.openai.com.example.org/v1"),
        ("gpt-5", "https://example.org/proxy/api.openai.com/v1"),
        ("gemini-2.5-pro", "https://example.org/x.googleapis.com"),
        ("gpt-5", "https://gateway.example.org/v1"),
        ("gpt-5", None),
        ("ollama:gpt-oss", None),
        ("ollama:gpt-5", None),
        ("huggingface:gpt-5", None),
        ("openai:", None),
        ("no-such-model", OPENAI),
        ("gpt-5", "not an address"),
        ("gpt-5", "http://[::1"),
    ],
)
def test_nobodys_price_is_taken_for_anothers(model, address):
    assert listed_price(model, address) is None


def test_every_provider_that_langchain_names_has_prices():
    models = {each.id: [model.id for model in each.models] for each in get_snapshot().providers}
    models["fireworks"] = [f"accounts/fireworks/models/{name}" for name in models["fireworks"]]
    for name, listed in PROVIDERS.items():
        assert any(listed_price(f"{name}:{model}", None) for model in models[listed]), name


@pytest.mark.parametrize(
    "usage",
    [
        {"usage": {"prompt_tokens_details": {"cached_tokens": 800}}},
        {"usage_metadata": {"input_token_details": {"cache_read": 800}}},
    ],
)
def test_input_from_a_providers_cache_is_cheaper(usage):
    price = listed_price("gpt-5", OPENAI)
    full, cached = price.cost_usd(reply()), price.cost_usd(reply(json.dumps(usage)))
    assert 0.1 * full < cached < 0.8 * full


@pytest.mark.parametrize(
    "raw",
    [
        "", "[]", "nonsense", '{"usage": 3}', "[" * 9999,
        '{"usage": {"prompt_tokens_details": null}}',
        '{"usage": {"prompt_tokens_details": {"cached_tokens": 99999}}}',
        '{"usage": {"prompt_tokens_details": {"cached_tokens": -5}}}',
        '{"usage": {"prompt_tokens_details": {"cached_tokens": true}}}',
    ],
)  # fmt: skip
def test_a_hostile_reply_is_priced_in_full(raw):
    price = listed_price("gpt-5", OPENAI)
    assert price.cost_usd(reply(raw)) == price.cost_usd(reply())


def test_the_list_is_loaded_only_when_it_is_asked_and_nothing_is_fetched():
    done = subprocess.run(
        [sys.executable, "-c", LOAD], cwd=Path(__file__).parents[1], text=True, capture_output=True
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
