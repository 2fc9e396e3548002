"""What `verify` and `replay` print: what was counted, then every disagreement, then how many."""

from collections.abc import Iterator, Mapping, Sequence

Counts = Mapping[str, int | str | list[str]]


def agreement_page(
    digest: str, disagreements: Sequence[Mapping[str, str]], counts: Counts
) -> list[str]:
    """Return the lines.

    Args:
        digest: The dataset's.
        disagreements: Each with `table`, `id`, `column` and `what`.
        counts: By name; a list has a line for each of its elements.
    """
    named = [f"{d['table']} {d['id']} {d['column']}: {d['what']}" for d in disagreements]
    return [*_counted(counts), *named, f"{digest}  {len(disagreements)} disagreements"]


def _counted(counts: Counts) -> Iterator[str]:
    for name, value in counts.items():
        for each in value if isinstance(value, list) else [value]:
            yield f"{name}: {each}"
