"""What the extra `math` installs, for the worker alone.

What a newcomer gets wrong: the process that asks never imports this. It is imported by name,
because an app that compares values only may lack it.
"""

from importlib import import_module
from typing import Any, TypeAlias

mpmath: Any = import_module("mpmath")
sympy: Any = import_module("sympy")
math_verify: Any = import_module("math_verify")
latex2sympy: Any = import_module("latex2sympy2_extended")

Number: TypeAlias = Any
"""A real or complex number of mpmath, an `mpf` or an `mpc`."""
Symbolic: TypeAlias = Any
"""An expression of sympy."""
