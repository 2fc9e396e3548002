"""What answers for a section of the config: a live model, or for a replay one that never does.

A key is read here, from the variable that the config names, and handed on as a secret.
"""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from pydantic import SecretStr

from agents.chat.model import Model
from agents.chat.openai_compatible import OpenAICompatible
from agents.errors import NotInJournal
from graphs.errors import ConfigError
from graphs.sections import ChatSection
from storage.records import Reply, Request, Role

LANGCHAIN = "langchain"
"""The endpoint's name where LangChain chooses the address."""


class Models(Protocol):
    """Makes the model of a section of the config."""

    def model(self, role: Role, section: ChatSection) -> Model:
        """Return the model; the same one for the same place, name and timeout."""
        ...


@runtime_checkable
class Closing(Protocol):
    """A model that holds connections."""

    async def aclose(self) -> None:
        """Close them."""
        ...


@dataclass(slots=True)
class LiveModels:
    """Models that answer: an OpenAI-compatible server called directly, or LangChain's.

    Args:
        environ: Where the keys are; only the variables that the config names are read.
    """

    environ: Mapping[str, str]
    _made: dict[tuple[str | float | None, ...], Model] = field(default_factory=dict)

    def model(self, role: Role, section: ChatSection) -> Model:
        """Return the model of a section.

        Raises:
            ConfigError: the key's variable is not set, or LangChain does not know the model.
        """
        place = (
            section.base_url,
            section.model,
            section.endpoint,
            section.api_key_env,
            section.timeout_s,
        )
        if place not in self._made:
            self._made[place] = self._make(role, section)
        return self._made[place]

    async def aclose(self) -> None:
        """Close all connections."""
        for model in self._made.values():
            if isinstance(model, Closing):
                await model.aclose()

    def _make(self, role: Role, section: ChatSection) -> Model:
        name = section.model or ""
        key = self._key(role, section)
        if section.base_url is None:
            return langchain_model(role, name, section, key)
        try:
            return OpenAICompatible(
                section.base_url,
                name,
                key=key,
                endpoint=section.endpoint,
                timeout_s=section.timeout_s,
            )
        except ValueError as error:
            raise ConfigError(f"[{role}] base_url: {error}") from error

    def _key(self, role: Role, section: ChatSection) -> SecretStr | None:
        if section.api_key_env is None:
            return None
        key = self.environ.get(section.api_key_env, "")
        if not key:
            raise ConfigError(
                f"[{role}] api_key_env: the variable {section.api_key_env!r} is not set; export it"
            )
        return SecretStr(key)


@dataclass(slots=True)
class SilentModel:
    """Stands where a model stood, for a replay; it is never to be asked."""

    endpoint: str
    name: str

    async def complete(self, request: Request) -> Reply:
        """Refuse.

        Raises:
            NotInJournal: always; a replay asks the journal only.
        """
        raise NotInJournal(f"model {self.name!r}: the journal lacks a call that the replay needs")


class SilentModels:
    """Models for a replay."""

    def model(self, role: Role, section: ChatSection) -> Model:
        """Return the silent model of a section."""
        return SilentModel(section.endpoint or section.base_url or LANGCHAIN, section.model or "")


def langchain_model(role: str, name: str, section: ChatSection, key: SecretStr | None) -> Model:
    """Return the model that LangChain knows as "provider:name"; what that takes is loaded here.

    Raises:
        ConfigError: a package is not installed, or LangChain does not know the name.
    """
    try:
        maker = importlib.import_module("langchain.chat_models").init_chat_model
        options: dict[str, Any] = {"timeout": section.timeout_s, "max_retries": 0}
        if key is not None:
            options["api_key"] = key.get_secret_value()
        chat = maker(name, **options)
    except ImportError as error:
        line = " ".join(str(error).split())
        raise ConfigError(
            f"[{role}] model {name!r}: {line:.160}; without base_url a model is LangChain's: "
            "pip install langchain and the provider's package, or set base_url"
        ) from error
    except ValueError as error:
        line = " ".join(str(error).split())
        raise ConfigError(f"[{role}] model {name!r}: {line:.200}") from error
    endpoint = section.endpoint or LANGCHAIN
    wrapped: Model = importlib.import_module("agents.chat.langchain").LangChainModel(
        chat, endpoint=endpoint, name=name, timeout_s=section.timeout_s, key=key
    )
    return wrapped
