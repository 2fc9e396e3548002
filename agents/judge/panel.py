"""Several judges, or one that votes several times, and the rule by which they decide together.

What a newcomer gets wrong: more judges accept less, not more. With "unanimous" one who doubts is
enough to leave an attempt to a person.
"""

from collections.abc import Sequence

from agents.chat.model import Journal
from agents.judge.judge import Judge
from agents.judge.judgement import Agreement, Judgement, Vote, combined
from agents.judge.turns import JUDGE, MOST_VOTES, turn
from agents.together import all_of
from storage.records import Attempt, CallSite, Lesson


class Panel:
    """Judges as one judge.

    Args:
        judges: At least one; their order decides from which turns they ask.
        votes: How often each grades an attempt, from 1 to 10.
        agreement: How many of all votes must say the same.

    Raises:
        ValueError: there is no judge, or there are too many votes.
    """

    def __init__(
        self, judges: Sequence[Judge], *, votes: int = 1, agreement: Agreement = "unanimous"
    ) -> None:
        if not judges or not 1 <= votes <= MOST_VOTES:
            raise ValueError(f"{len(judges)} judges, {votes} votes: needs 1 or more, 1 to 10 each")
        self.name = "+".join(dict.fromkeys(judge.name for judge in judges))
        self._judges = tuple(judges)
        self._votes = votes
        self._agreement: Agreement = agreement

    async def judge(
        self, lesson: Lesson, attempt: Attempt, site: CallSite, journal: Journal | None
    ) -> Judgement:
        """Let every judge grade an attempt, and return what they come to together.

        Raises:
            EndpointError: an endpoint gave no answer.
        """
        given = await all_of(
            judge.votes(lesson, attempt, turn(site, JUDGE * place), journal, self._votes)
            for place, judge in enumerate(self._judges)
        )
        named = zip(self._judges, given, strict=True)
        votes = [Vote(judge.name, each) for judge, judgements in named for each in judgements]
        return combined(votes, self._agreement)

    async def first_wrong_step(
        self, lesson: Lesson, attempt: Attempt, site: CallSite, journal: Journal | None
    ) -> int | None:
        """Return what the first judge says, see `Judge.first_wrong_step`.

        Raises:
            EndpointError: its endpoint gave no answer.
        """
        return await self._judges[0].first_wrong_step(lesson, attempt, site, journal)
