"""The filter of system calls, run on a machine made of a few lines."""

import errno
import platform
import struct

import pytest

from agents.verifiers.sandbox.seccomp import NoFilter, filter_program

X86, ARM = "x86_64", "aarch64"
ARCHITECTURES = {X86: 0xC000003E, ARM: 0xC00000B7, "i386": 0x40000003}
ALLOW, KILL, REFUSE = 0x7FFF0000, 0x80000000, 0x00050000
PROT_READ, PROT_WRITE, PROT_EXEC = 1, 2, 4
EPERM = REFUSE | errno.EPERM

# fmt: off
FORBIDDEN = {  # by name: x86_64, aarch64; from <asm/unistd.h>
    "open": (2, None), "openat": (257, 56), "openat2": (437, 437), "creat": (85, None),
    "stat": (4, None), "fstat": (5, 80), "newfstatat": (262, 79), "statx": (332, 291),
    "access": (21, None), "readlink": (89, None), "getdents64": (217, 61), "chdir": (80, 49),
    "mkdir": (83, None), "unlinkat": (263, 35), "symlinkat": (266, 36), "linkat": (265, 37),
    "mknodat": (259, 33), "renameat2": (316, 276), "truncate": (76, 45), "chroot": (161, 51),
    "socket": (41, 198), "socketpair": (53, 199), "connect": (42, 203), "bind": (49, 200),
    "accept4": (288, 242), "sendto": (44, 206), "sendmsg": (46, 211), "recvmsg": (47, 212),
    "fork": (57, None), "vfork": (58, None), "clone": (56, 220), "execve": (59, 221),
    "execveat": (322, 281), "kill": (62, 129), "tkill": (200, 130), "tgkill": (234, 131),
    "rt_sigqueueinfo": (129, 138), "pidfd_open": (434, 434), "pidfd_send_signal": (424, 424),
    "pidfd_getfd": (438, 438), "ptrace": (101, 117), "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271), "unshare": (272, 97), "setns": (308, 268), "mount": (165, 40),
    "fsopen": (430, 430), "move_mount": (429, 429), "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426), "io_uring_register": (427, 427), "memfd_create": (319, 279),
    "memfd_secret": (447, 447), "prctl": (157, 167), "prlimit64": (302, 261),
    "setrlimit": (160, 164), "seccomp": (317, 277), "bpf": (321, 280), "keyctl": (250, 219),
    "add_key": (248, 217), "perf_event_open": (298, 241), "userfaultfd": (323, 282),
    "fcntl": (72, 25), "ioctl": (16, 29), "dup": (32, 23), "dup2": (33, None), "dup3": (292, 24),
    "setuid": (105, 146), "setgroups": (116, 159), "shmget": (29, 194), "mq_open": (240, 180),
    "msgget": (68, 186), "inotify_init1": (294, 26), "signalfd4": (289, 74), "eventfd2": (290, 19),
    "epoll_create1": (291, 20), "timerfd_create": (283, 85), "setitimer": (38, 103),
    "pkey_mprotect": (329, 288), "personality": (135, 92), "landlock_restrict_self": (446, 446),
    "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265), "init_module": (175, 105),
    "reboot": (169, 142), "sethostname": (170, 161), "setpriority": (141, 140), "mlock": (149, 228),
    "rt_sigaction": (13, 134), "arch_prctl": (158, None), "pipe2": (293, 59), "getpid": (39, 172),
}
ALLOWED = {"read": (0, 63), "write": (1, 64), "exit_group": (231, 94), "munmap": (11, 215),
           "brk": (12, 214), "getrandom": (318, 278), "clock_gettime": (228, 113)}
# fmt: on


def decision(program, machine, number, *arguments):
    """Return what the kernel would do with one call."""
    arguments = (*arguments, 0, 0, 0, 0, 0, 0)[:6]
    call = struct.pack("=IIQ6Q", number, ARCHITECTURES[machine], 0, *arguments)
    code = list(struct.iter_unpack("=HBBI", program))
    held = place = 0
    while True:
        what, if_true, if_false, value = code[place]
        place += 1
        if what == 0x20:
            (held,) = struct.unpack_from("=I", call, value)
        elif what == 0x54:
            held &= value
        elif what == 0x06:
            return value
        else:
            is_true = {0x15: held == value, 0x35: held >= value, 0x45: bool(held & value)}[what]
            place += if_true if is_true else if_false


@pytest.fixture(params=[X86, ARM])
def machine(request):
    return request.param


def number(calls, name, machine):
    return calls[name][machine == ARM]


@pytest.mark.parametrize("name", FORBIDDEN)
def test_a_call_that_reaches_out_is_refused(name, machine):
    call = number(FORBIDDEN, name, machine)
    if call is not None:
        assert decision(filter_program(machine=machine), machine, call) == EPERM


@pytest.mark.parametrize("name", ALLOWED)
def test_a_call_that_computing_needs_is_allowed(name, machine):
    program = filter_program(machine=machine)

    assert decision(program, machine, number(ALLOWED, name, machine)) == ALLOW


def test_of_a_thousand_calls_fewer_than_thirty_are_allowed(machine):
    program = filter_program(machine=machine)

    allowed = [call for call in range(1_000) if decision(program, machine, call) == ALLOW]

    assert 20 <= len(allowed) < 30


def test_a_call_of_another_architecture_kills(machine):
    program = filter_program(machine=machine)
    for other in ARCHITECTURES.keys() - {machine}:
        for call in (0, 1, 60, 93, 400):
            assert decision(program, other, call) == KILL


def test_a_call_of_the_x32_abi_kills():
    program = filter_program(machine=X86)
    for call in (0, 1, 59, 512, 520):
        assert decision(program, X86, 0x40000000 | call) == KILL


@pytest.mark.parametrize("calls", [(9, 222), (10, 226)], ids=["mmap", "mprotect"])
def test_memory_can_be_had_and_never_be_executed(calls, machine):
    program, call = filter_program(machine=machine), calls[machine == ARM]

    assert decision(program, machine, call, 0, 4096, PROT_READ | PROT_WRITE) == ALLOW
    for rights in (PROT_EXEC, PROT_READ | PROT_EXEC, 7, 0x01000000 | PROT_EXEC):
        assert decision(program, machine, call, 0, 4096, rights) == EPERM


def test_a_futex_waits_and_wakes_and_does_nothing_else(machine):
    program, call = filter_program(machine=machine), (202, 98)[machine == ARM]

    allowed = {what for what in range(16) if decision(program, machine, call, 0, what) == ALLOW}

    assert allowed == {0, 1, 9, 10}
    assert decision(program, machine, call, 0, 128 | 256 | 9) == ALLOW
    assert decision(program, machine, call, 0, 128 | 4) == EPERM


def test_the_new_clone_is_said_to_be_missing_and_the_old_one_is_refused(machine):
    program = filter_program(machine=machine)

    assert decision(program, machine, 435) == REFUSE | errno.ENOSYS
    assert decision(program, machine, (56, 220)[machine == ARM]) == EPERM


STARTING = {"execve", "openat", "newfstatat", "mmap", "landlock_restrict_self", "prctl", "seccomp"}
STILL_REFUSED = {"socket", "connect", "clone", "ptrace", "mount", "unshare", "kill", "memfd_create"}


def test_a_filter_for_starting_lets_an_interpreter_start_and_reach_nobody(machine):
    program = filter_program(starting=True, machine=machine)
    calls = {**FORBIDDEN, "mmap": (9, 222)}

    for name in STARTING:
        assert decision(program, machine, number(calls, name, machine), 0, 0, 7) == ALLOW, name
    for name in STILL_REFUSED:
        assert decision(program, machine, number(calls, name, machine)) == EPERM, name


def test_a_machine_without_a_table_has_no_filter():
    with pytest.raises(NoFilter, match="riscv64"):
        filter_program(machine="riscv64")


def test_this_machine_has_the_filter_of_its_own_table():
    if platform.machine() not in (X86, ARM):
        pytest.skip(f"no filter is known for {platform.machine()}")
    assert filter_program() == filter_program(machine=platform.machine())
