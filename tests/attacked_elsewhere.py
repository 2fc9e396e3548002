"""An app that lets the programs of `attacks` run in another sandbox than the default one.

python attacked_elsewhere.py bubblewrap|wasi ROW ...
"""

# ruff: noqa: T201

import asyncio
import json
import os
import sys

import attacked_app as app

from agents.verifiers.sandbox.bubblewrap import BubblewrapSandbox
from agents.verifiers.sandbox.wasi import WasiSandbox


async def main(sandbox, rows):
    world = app.World()
    facts = world.facts(os.getpid())
    found = await asyncio.gather(*(app.attacked(sandbox, row, facts) for row in rows))
    await asyncio.sleep(0.2)
    evidence = world.evidence()
    world.close()
    said = dict(zip(rows, found, strict=True))
    print(json.dumps({"said": said, "evidence": evidence}, default=repr))


if __name__ == "__main__":
    which, *rows = sys.argv[1:]
    os.environ["KEY"] = app.CANARY
    asyncio.run(main(BubblewrapSandbox() if which == "bubblewrap" else WasiSandbox(), rows))
