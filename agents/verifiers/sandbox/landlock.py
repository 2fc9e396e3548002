"""A Landlock ruleset that allows nothing: no path, no port, nobody to signal.

The kernel's own documentation is `Documentation/userspace-api/landlock.rst`.

What a newcomer gets wrong: Landlock denies only what a ruleset *handles*, and a kernel refuses a
ruleset that handles what it does not know. So this asks the kernel right by right what it knows
and handles all of it, whatever rights a later kernel brings. Landlock does not hide that a file
exists (`stat`); the filter of system calls does.
"""

import ctypes
import errno
import os

_CREATE, _RESTRICT = 444, 446
"""System calls, the same on every architecture."""
_RIGHTS = 32
"""How many rights of each kind are asked for; kernels know about sixteen."""


class NoLandlock(OSError):
    """The kernel has no Landlock, or it is switched off."""


class _Attributes(ctypes.Structure):
    """`struct landlock_ruleset_attr`: what is handled, as bits."""

    _fields_ = (
        ("files", ctypes.c_uint64),
        ("network", ctypes.c_uint64),
        ("scoped", ctypes.c_uint64),
    )


_KINDS = ("files", "network", "scoped")


class Ruleset:
    """A ruleset made ready; `descriptor` must stay open until it is enforced."""

    def __init__(self) -> None:
        """Make it.

        Raises:
            NoLandlock: this machine has none.
        """
        self._libc = ctypes.CDLL(None, use_errno=True)
        self.abi: int = self._libc.syscall(_CREATE, None, ctypes.c_size_t(0), 1)
        """The version of Landlock that the kernel has, from 1; files only before 4."""
        if self.abi < 1:
            raise NoLandlock(ctypes.get_errno(), "this kernel has no Landlock, or it is off")
        known = _Attributes()
        for kind in _KINDS:
            for right in range(_RIGHTS):
                self._learn(known, kind, 1 << right)
        self.descriptor = self._create(known)
        if self.descriptor < 0:
            raise NoLandlock(ctypes.get_errno(), "the kernel refused a Landlock ruleset")

    def _create(self, attributes: _Attributes) -> int:
        size = ctypes.c_size_t(ctypes.sizeof(attributes))
        return int(self._libc.syscall(_CREATE, ctypes.byref(attributes), size, 0))

    def _learn(self, known: _Attributes, kind: str, right: int) -> None:
        """Add a right to those known, if the kernel takes a ruleset that handles it."""
        before = getattr(known, kind)
        setattr(known, kind, before | right)
        descriptor = self._create(known)
        if descriptor >= 0:
            os.close(descriptor)
        elif ctypes.get_errno() in (errno.EINVAL, errno.E2BIG):
            setattr(known, kind, before)
        else:
            raise NoLandlock(ctypes.get_errno(), "the kernel refused a Landlock ruleset")

    def enforce(self) -> None:
        """Put this thread under the ruleset for good; it must have no new privileges.

        Raises:
            NoLandlock: the kernel refused.
        """
        if self._libc.syscall(_RESTRICT, self.descriptor, 0):
            raise NoLandlock(ctypes.get_errno(), "the kernel refused to enforce Landlock")


class NoRuleset(Ruleset):
    """Stands in a ruleset's place where something else keeps files and the network away."""

    def __init__(self) -> None:
        self.abi = 0
        self.descriptor = -1

    def enforce(self) -> None:
        """Do nothing."""


def ruleset_if_any() -> Ruleset:
    """Return a ruleset; one that does nothing where this machine has none."""
    try:
        return Ruleset()
    except NoLandlock:
        return NoRuleset()
