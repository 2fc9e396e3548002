"""The only place that talks to a model; `agents.chat.langchain` is imported where it is needed."""

from agents.chat.channel import Channel
from agents.chat.gate import Gate
from agents.chat.meter import Meter
from agents.chat.model import Journal, Model
from agents.chat.openai_compatible import OpenAICompatible
from agents.chat.scripted import ScriptedModel

__all__ = ["Channel", "Gate", "Journal", "Meter", "Model", "OpenAICompatible", "ScriptedModel"]
