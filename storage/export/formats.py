"""The formats of training data, under the names that `export` takes; each is a file of its own."""

from storage.export.critique import CRITIQUE
from storage.export.kto import KTO
from storage.export.making import Form
from storage.export.preference import PREFERENCE
from storage.export.prompt_completion import PROMPT_COMPLETION
from storage.export.rl import RL
from storage.export.sft import SFT
from storage.export.stepwise import STEPWISE

FORMATS: dict[str, Form] = {
    form.name: form for form in (SFT, PROMPT_COMPLETION, PREFERENCE, KTO, STEPWISE, RL, CRITIQUE)
}
