"""The sandbox that needs no particular kernel: CPython for WASI in wasmtime."""

from agents.verifiers.sandbox.wasi.sandbox import WasiSandbox

__all__ = ["WasiSandbox"]
