"""The system calls that a guest may make: a list of what is allowed, as a BPF program.

Assembled here, because it must be there without a C library and be the same everywhere; the
kernel's own documentation is `Documentation/userspace-api/seccomp_filter.rst`.

What a newcomer gets wrong: the list says what is *allowed*. A call that a later kernel brings is
refused without anybody doing anything. No call on it opens, names, sends to or starts anything: a
guest has the descriptors that it was given, memory, the clocks, random bytes and its own end.
"""

import ctypes
import errno
import platform
import struct
from collections.abc import Iterable, Iterator

_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
"""`AUDIT_ARCH_*` of <linux/audit.h>, by what `platform.machine()` says."""
_X32 = 0x40000000
"""The bit that makes of an x86-64 call one of the x32 ABI, with numbers of its own."""

_ALLOW = 0x7FFF0000
_REFUSE = 0x00050000
"""With an errno in its low half."""
_KILL = 0x80000000
"""The whole process, at once."""

_LOAD, _AND = 0x20, 0x54
_IF_EQUAL, _IF_AT_LEAST, _IF_ANY_BIT = 0x15, 0x35, 0x45
_RETURN = 0x06
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
"""Where these stand in `struct seccomp_data`; arguments have eight bytes, the low half first."""
_PROT_EXEC = 4
_FUTEX_FLAGS = 128 | 256
_FUTEX_PLAIN = (0, 1, 9, 10)
"""Wait and wake, with or without a bit set. The others are kernel code that nothing here needs."""
_ADVICE = (4, 8)
"""Memory is not needed any more, or may be freed; all that an allocator says."""

_CALLS = {
    # name: (x86_64, aarch64); None: the architecture has no such call
    "read": (0, 63),
    "write": (1, 64),
    "close": (3, 57),
    "munmap": (11, 215),
    "brk": (12, 214),
    "mremap": (25, 216),
    "nanosleep": (35, 101),
    "clock_nanosleep": (230, 115),
    "clock_gettime": (228, 113),
    "clock_getres": (229, 114),
    "gettimeofday": (96, 169),
    "time": (201, None),
    "getrandom": (318, 278),
    "sched_yield": (24, 124),
    "rt_sigreturn": (15, 139),
    "restart_syscall": (219, 128),
    "exit": (60, 93),
    "exit_group": (231, 94),
}
"""What a guest may call with any arguments."""
_MMAP, _MPROTECT, _MADVISE, _FUTEX, _CLONE3 = (9, 222), (10, 226), (28, 233), (202, 98), (435, 435)
_STARTING = {
    "execve": (59, 221),
    "open": (2, None),
    "openat": (257, 56),
    "stat": (4, None),
    "fstat": (5, 80),
    "lstat": (6, None),
    "newfstatat": (262, 79),
    "statx": (332, 291),
    "access": (21, None),
    "faccessat": (269, 48),
    "faccessat2": (439, 439),
    "readlink": (89, None),
    "readlinkat": (267, 78),
    "getdents64": (217, 61),
    "getcwd": (79, 17),
    "lseek": (8, 62),
    "pread64": (17, 67),
    "ioctl": (16, 29),
    "fcntl": (72, 25),
    "dup": (32, 23),
    "dup2": (33, None),
    "dup3": (292, 24),
    "close_range": (436, 436),
    "arch_prctl": (158, None),
    "set_tid_address": (218, 96),
    "set_robust_list": (273, 99),
    "rseq": (334, 293),
    "prlimit64": (302, 261),
    "getrlimit": (97, 163),
    "setrlimit": (160, 164),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "sigaltstack": (131, 132),
    "getuid": (102, 174),
    "geteuid": (107, 175),
    "getgid": (104, 176),
    "getegid": (108, 177),
    "getpid": (39, 172),
    "getppid": (110, 173),
    "gettid": (186, 178),
    "setsid": (112, 157),
    "getsid": (124, 156),
    "setgroups": (116, 159),
    "getgroups": (115, 158),
    "setresuid": (117, 147),
    "getresuid": (118, 148),
    "setresgid": (119, 149),
    "getresgid": (120, 150),
    "uname": (63, 160),
    "sysinfo": (99, 179),
    "wait4": (61, 260),
    "prctl": (157, 167),
    "capset": (126, 91),
    "seccomp": (317, 277),
    "landlock_create_ruleset": (444, 444),
    "landlock_restrict_self": (446, 446),
}
"""What an interpreter calls besides until it serves, and bubblewrap's waiting first process."""


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


class NoFilter(OSError):
    """No filter is known for this machine, or the kernel refused it."""


def filter_program(*, starting: bool = False, machine: str | None = None) -> bytes:
    """Return the filter as an array of `struct sock_filter`, as the kernel and bubblewrap take it.

    Args:
        starting: Also allow what an interpreter needs to be executed and to start: opening files,
            mapping code, `execve`. Only for a filter that is loaded before the interpreter; the
            guest then loads the strict one above it.
        machine: As `platform.machine()` says; None is this one.

    Raises:
        NoFilter: the machine is neither x86_64 nor aarch64.
    """
    machine = machine or platform.machine()
    if machine not in _ARCHITECTURES:
        raise NoFilter(errno.ENOSYS, f"no system call filter is known for {machine!r}")
    which = sorted(_ARCHITECTURES, reverse=True).index(machine)  # x86_64, then aarch64
    code = [
        _step(_LOAD, _ARCHITECTURE),
        _step(_IF_EQUAL, _ARCHITECTURES[machine], 1, 0),
        _step(_RETURN, _KILL),
        _step(_LOAD, _NUMBER),
    ]
    if machine == "x86_64":
        code += [_step(_IF_AT_LEAST, _X32, 0, 1), _step(_RETURN, _KILL)]
    calls = [*_CALLS.values()]
    if starting:
        calls += [*_STARTING.values(), _MMAP, _MPROTECT]
    for numbers in calls:
        code += _when(numbers[which], [_step(_RETURN, _ALLOW)])
    if not starting:
        for numbers in (_MMAP, _MPROTECT):
            code += _when(numbers[which], _without_bit(2, _PROT_EXEC))
    code += _when(_MADVISE[which], _one_of(2, 0, _ADVICE))
    code += _when(_FUTEX[which], _one_of(1, _FUTEX_FLAGS, _FUTEX_PLAIN))
    # The C library falls back to `clone` where this is missing, and `clone` is refused.
    code += _when(_CLONE3[which], [_step(_RETURN, _REFUSE | errno.ENOSYS)])
    return b"".join([*code, _step(_RETURN, _REFUSE | errno.EPERM)])


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)


def _when(number: int | None, then: list[bytes]) -> list[bytes]:
    """Return steps that run `then`, which must end in a return, for one call."""
    if number is None:
        return []
    return [_step(_IF_EQUAL, number, 0, len(then)), *then]


def _without_bit(argument: int, bit: int) -> list[bytes]:
    return [
        _step(_LOAD, _FIRST_ARGUMENT + 8 * argument),
        _step(_IF_ANY_BIT, bit, 0, 1),
        _step(_RETURN, _REFUSE | errno.EPERM),
        _step(_RETURN, _ALLOW),
    ]


def _one_of(argument: int, flags: int, values: Iterable[int]) -> list[bytes]:
    """Return steps that allow these values of an argument, whatever the flags in it say."""
    return [
        _step(_LOAD, _FIRST_ARGUMENT + 8 * argument),
        _step(_AND, ~flags & 0xFFFFFFFF),
        *_each(values),
        _step(_RETURN, _REFUSE | errno.EPERM),
    ]


def _each(values: Iterable[int]) -> Iterator[bytes]:
    for value in values:
        yield _step(_IF_EQUAL, value, 0, 1)
        yield _step(_RETURN, _ALLOW)


class Filter:
    """A filter made ready, so that a forked process has nothing left to do but load it."""

    def __init__(self, program: bytes) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._program = _Program(len(program) // 8, program)

    def load(self) -> None:
        """Put this process under the filter for good; it must have no new privileges.

        Raises:
            NoFilter: the kernel refused it.
        """
        set_seccomp, filter_mode = 22, 2  # <linux/prctl.h>, <linux/seccomp.h>
        if self._libc.prctl(set_seccomp, filter_mode, ctypes.byref(self._program), 0, 0):
            number = ctypes.get_errno()
            raise NoFilter(number, f"the kernel refused the filter of system calls: {number}")
