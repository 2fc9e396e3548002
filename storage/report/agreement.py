"""What `verify` and `replay` print: what was counted, then every disagreement, then how many."""

from collections.abc import Iterator, Mapping, Sequence

from pydantic import JsonValue

from storage.report.pages import Page

Counts = Mapping[str, JsonValue]


def agreement_page(
    run_id: str, digest: str, disagreements: Sequence[Mapping[str, str]], counts: Counts
) -> Page:
    """Return the lines for a person, and the same for a program.

    Args:
        run_id: The run's.
        digest: The dataset's.
        disagreements: Each with `table`, `id`, `column` and `what`.
        counts: By name; a list has a line for each of its elements.
    """
    named = [f"{d['table']} {d['id']} {d['column']}: {d['what']}" for d in disagreements]
    last = f"{digest}  {len(disagreements)} disagreements"
    plain: dict[str, JsonValue] = {"run_id": run_id, "dataset_digest": digest}
    plain["disagreements"] = [dict(each) for each in disagreements]
    return Page((*_counted(counts), *named, last), plain | dict(counts))


def _counted(counts: Counts) -> Iterator[str]:
    for name, value in counts.items():
        for each in value if isinstance(value, list) else [value]:
            yield f"{name}: {each}"
