"""Where a stranger's program runs; `await sandbox()` gives the one that holds on this machine."""

from agents.verifiers.sandbox.choice import examine, sandbox
from agents.verifiers.sandbox.probe import Attack, Probe
from agents.verifiers.sandbox.sandbox import Guest, GuestEnded, Message, NoSandbox, Sandbox

__all__ = [
    "Attack",
    "Guest",
    "GuestEnded",
    "Message",
    "NoSandbox",
    "Probe",
    "Sandbox",
    "examine",
    "sandbox",
]
