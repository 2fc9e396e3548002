"""The text of a program made of our modules for the inside, for an interpreter without our files.

What a newcomer gets wrong: an interpreter inside a sandbox cannot import `agents`. Our packages
import a hundred others, and the files may lie where it cannot read. So the few modules that are
needed there, which import the standard library and each other only, travel as text.
"""

import inspect
from types import ModuleType

from agents.verifiers.sandbox import confinement, guest, landlock, seccomp, server, told

_START = """\
import sys, types
def module(name, text=""):
    package, _, last = name.rpartition(".")
    if package and package not in sys.modules:
        module(package)
    made = sys.modules[name] = types.ModuleType(name)
    if package:
        setattr(sys.modules[package], last, made)
    exec(compile(text, f"<{name}>", "exec", dont_inherit=True), vars(made))
    return made
"""
_GUEST = (told, guest)
_CONFINED = (*_GUEST, seccomp, landlock, confinement)


def guest_text() -> str:
    """Return a program that serves one guest on 0 and 1, and does not confine itself."""
    return _START + _modules(*_GUEST) + "made.alone()\n"


def confined_guest_text() -> str:
    """Return a program that confines itself and then serves one guest on `confinement.LINE`.

    0, 1 and 2 must be /dev/null. It says {"ready": true} first, or {"unconfined": why}.
    """
    return _START + _modules(*_CONFINED) + "made.serve_confined()\n"


def server_text(control: int) -> str:
    """Return a program that is the warm server of guests; see `server.main`."""
    return _START + _modules(*_CONFINED, server) + f"made.main({control})\n"


def _modules(*modules: ModuleType) -> str:
    """Return lines that make modules out of their texts, in this order; `made` is the last one."""
    return "".join(
        f"made = module({module.__name__!r}, {inspect.getsource(module)!r})\n" for module in modules
    )
