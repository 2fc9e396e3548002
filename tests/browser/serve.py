import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from agents.steps.written import written_steps
from storage.web.server import serve

serve(
    Path(sys.argv[1]),
    person=sys.argv[2] or None,
    port=0,
    steps=written_steps,
    tell=lambda line: print(line, flush=True),
    opens=False,
)
