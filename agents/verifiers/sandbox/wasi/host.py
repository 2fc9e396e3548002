"""The process around one WASI guest: it limits itself, embeds wasmtime, and runs the guest's text.

It is started as a script by an interpreter of its own, and imports nothing of this project.

What a newcomer gets wrong: the guest is inside this process, so this process holds nothing worth
taking: no environment, no descriptor but its own three, and of all folders the guest's standard
library, read-only. The kernel's clocks end it whatever the guest does. wasmtime's own, epochs and
fuel, cannot interrupt a guest that sleeps in a call.
"""

import ctypes
import importlib
import json
import os
import resource
import signal
import sys
from typing import Any

_SPARE_BYTES = 256 << 20
"""Memory of the host beside the guest's own."""
_PARENT_DEATH_SIGNAL = 1
"""Of <linux/prctl.h>."""
_OPTIONS = ("-P", "-s", "-S", "-B", "-X", "utf8", "-c")


def confine(limits: dict[str, int]) -> None:
    """Limit this process for good; the keys of `limits` say what, with the unit."""
    most = {
        resource.RLIMIT_CPU: limits["cpu_s"],
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
        # Not the address space: wasmtime reserves gigabytes of it that are never used.
        resource.RLIMIT_DATA: limits["memory_bytes"] + _SPARE_BYTES,
    }
    for which, limit in most.items():
        # A second later than the signal that tells why comes the one that cannot be ignored.
        resource.setrlimit(which, (limit, limit + 1 if which == resource.RLIMIT_CPU else limit))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != limits["parent"]:  # it went before it could be told
        sys.exit(1)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, limits["alive_s"])


def run(
    wasmtime: Any,  # noqa: ANN401 - a package of an extra, which may be missing
    compiled: str,
    library: str,
    memory_bytes: int,
    text: str,
) -> int:
    """Run a guest to its end; return its exit code."""
    engine = wasmtime.Engine(wasmtime.Config())
    module = wasmtime.Module.deserialize_file(engine, compiled)
    wasi = wasmtime.WasiConfig()
    wasi.argv = ["python", *_OPTIONS, text]
    wasi.env = [("PYTHONHASHSEED", "0"), ("TZ", "UTC0")]
    wasi.inherit_stdin()
    wasi.inherit_stdout()
    wasi.preopen_dir(library, "/usr/local/lib", fs_mutable=False)  # by default it is writable
    store = wasmtime.Store(engine)
    store.set_wasi(wasi)
    store.set_limits(memory_size=memory_bytes, instances=1, memories=1)
    linker = wasmtime.Linker(engine)
    linker.define_wasi()
    instance = linker.instantiate(store, module)
    try:
        instance.exports(store)["_start"](store)
    except wasmtime.ExitTrap as ended:
        return int(ended.code)
    return 0


def main() -> None:
    """Do what the first argument says; the second is the folder in which wasmtime lies.

    `compile PACKAGES`: turn the WebAssembly on stdin into this machine's code on stdout.
    `run PACKAGES COMPILED LIBRARY LIMITS TEXT`: be the host of a guest. TEXT is the descriptor from
    which its text is read; its line is stdin and stdout.
    """
    what, packages, *rest = sys.argv[1:]
    sys.path.append(packages)
    wasmtime = importlib.import_module("wasmtime")
    if what == "compile":
        module = wasmtime.Module(wasmtime.Engine(wasmtime.Config()), sys.stdin.buffer.read())
        sys.stdout.buffer.write(module.serialize())
        return
    compiled, library, told, descriptor = rest
    with os.fdopen(int(descriptor), encoding="utf-8") as file:
        text = file.read()
    limits = json.loads(told)
    confine(limits)
    sys.exit(run(wasmtime, compiled, library, limits["memory_bytes"], text))


if __name__ == "__main__":
    main()
