"""What can go wrong with a prompt.

PromptError    a prompt file is missing or malformed, or was given other inputs than it needs
"""


class PromptError(Exception):
    """A prompt file cannot be used. The message names the prompt or the file, and the remedy."""
