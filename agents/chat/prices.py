"""What a model costs: the prices that the config names, else those that its provider is known for.

What a newcomer gets wrong: a price hangs on who serves a model and not on its name. The model
"gpt-oss-20b" on a machine of one's own has no known price, and certainly not that of a provider
who serves it as well. So a provider counts only where the address, or LangChain's "provider:", says
so. The list is the one in the package `genai-prices`; nothing is ever fetched.
"""

import importlib
import ipaddress
import json
import re
from dataclasses import dataclass
from typing import Any, Final, Protocol

from yarl import URL

from storage.records import Reply

PROVIDERS: Final = {
    "anthropic": "anthropic",
    "azure_ai": "azure",
    "azure_openai": "azure",
    "bedrock": "aws",
    "bedrock_converse": "aws",
    "cohere": "cohere",
    "deepseek": "deepseek",
    "fireworks": "fireworks",
    "google_genai": "google",
    "google_vertexai": "google",
    "groq": "groq",
    "mistralai": "mistral",
    "openai": "openai",
    "openrouter": "openrouter",
    "perplexity": "perplexity",
    "together": "together",
    "xai": "x-ai",
}
"""LangChain's names of providers whose prices are listed, and what the list calls them."""
_MILLION: Final = 1_000_000


class Price(Protocol):
    """What the calls of one model cost."""

    @property
    def per_million(self) -> tuple[float, float]:
        """US dollars for a million tokens read and written, as the longest requests pay them."""
        ...

    def cost_usd(self, reply: Reply) -> float | None:
        """Return US dollars for one answered call. None: the endpoint does not count its tokens."""
        ...


@dataclass(frozen=True, slots=True)
class OwnPrice:
    """The prices that a config names."""

    per_million: tuple[float, float]

    def cost_usd(self, reply: Reply) -> float | None:
        """Return US dollars for one answered call; see `Price`."""
        if reply.tokens_in is None or reply.tokens_out is None:
            return None
        price_in, price_out = self.per_million
        return (reply.tokens_in * price_in + reply.tokens_out * price_out) / _MILLION


@dataclass(frozen=True, slots=True)
class ListedPrice:
    """The prices of a provider's model; input that the provider had in its cache costs less."""

    model: str
    where: tuple[str, str]
    """How the list finds the provider: "provider_id" or "provider_api_url", and its value."""
    per_million: tuple[float, float]

    def cost_usd(self, reply: Reply) -> float | None:
        """Return US dollars for one answered call, at the prices of now; see `Price`."""
        if reply.tokens_in is None or reply.tokens_out is None:
            return None
        cached = _cached(reply.raw)
        if sum(cached.values()) > reply.tokens_in:
            cached = {}  # it counts the cached tokens apart, or wrongly: the full price is surer
        counts = {"input_tokens": reply.tokens_in, "output_tokens": reply.tokens_out}
        return float(_calculated(self.model, self.where, counts | cached).total_price)


def own_price(price_in: float | None, price_out: float | None) -> Price | None:
    """Return the price of a config; if it names only one of the two, the other is nothing.

    None: it names neither.
    """
    if price_in is None and price_out is None:
        return None
    return OwnPrice((price_in or 0.0, price_out or 0.0))


def listed_price(model: str, base_url: str | None) -> Price | None:
    """Return the price that a model has at its provider. None: it is not known.

    Args:
        model: Its name at `base_url`, or without one LangChain's "provider:name".
        base_url: The endpoint's address; None: LangChain finds it.
    """
    if base_url is None:
        provider, _, name = model.partition(":")
        where = ("provider_id", PROVIDERS.get(provider, ""))
    else:
        name, where = model, ("provider_api_url", base_url if _is_public(base_url) else "")
    if not (name and where[1]):
        return None
    try:
        found = _calculated(name, where, {"input_tokens": _MILLION, "output_tokens": _MILLION})
    except LookupError:
        return None
    if base_url is not None and not _owns(found.provider.api_pattern, base_url):
        return None
    if found.model_price.input_mtok is None and found.model_price.output_mtok is None:
        return None
    rates = (float(found.input_price), float(found.output_price))
    return ListedPrice(name, where, rates)


def _calculated(model: str, where: tuple[str, str], counts: dict[str, int]) -> Any:  # noqa: ANN401
    """Return what the list says; it is loaded when it is first asked, for that takes 0.4 s."""
    listed = importlib.import_module("genai_prices")
    return listed.calc_price(listed.Usage(**counts), model, **dict([where]))


def _is_public(address: str) -> bool:
    """Whether an address names a host on the internet; an own machine is no known provider."""
    try:
        host = URL(address).host or ""
    except ValueError:
        return False
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return "." in host
    return False


def _owns(pattern: str, address: str) -> bool:
    """Whether a provider's pattern is about the whole host of an address.

    The patterns are matched at the beginning only, so one of them alone would take
    https://api.openai.com.example.org for OpenAI's.
    """
    url = URL(address)
    origin = f"{url.scheme}://{url.host}"
    found = re.match(pattern, f"{origin}{url.path}")
    elsewhere = re.match(pattern, f"{url.scheme}://elsewhere.invalid{url.path}")
    return found is not None and found.end() >= len(origin) and elsewhere is None


def _cached(raw: str) -> dict[str, int]:
    """Return how many tokens of the input the provider read from, or wrote to, its cache."""
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(body, dict):
        return {}
    chat = _part(_part(body, "usage"), "prompt_tokens_details")
    langchain = _part(_part(body, "usage_metadata"), "input_token_details")
    counts = {
        "cache_read_tokens": chat.get("cached_tokens") or langchain.get("cache_read"),
        "cache_write_tokens": langchain.get("cache_creation"),
    }
    return {name: n for name, n in counts.items() if type(n) is int and n > 0}


def _part(body: dict[str, Any], name: str) -> dict[str, Any]:
    part = body.get(name)
    return part if isinstance(part, dict) else {}
