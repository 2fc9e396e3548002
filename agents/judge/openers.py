"""Tell an attempt that says nothing from one that says little.

Some judges accept "Thought process:" or a lone colon whatever the task. What a newcomer gets wrong:
"42", "Yes" and "<" are whole answers, so shortness alone is no reason to refuse. What is refused
has no word, number or sign in it, or none that does not merely open an answer.

The idea and the first phrases are from Zhao et al., "One Token to Fool LLM-as-a-Judge" (2025).
"""

import re

from agents.judge.material import disarmed

_NOISE = re.compile(
    r"""
    ^[ \t]*(?:\#{1,6}|[>-])[ \t]+(?=\S)   # of a heading, a quotation, an item
  | (?<=\w)-(?=\w)
  | [\s.,:;!?\u2026\u3001\u3002\uff0c\uff1a\uff1b\uff01\uff1f'"`*_~\u2013\u2014
     \u2018\u2019\u201c\u201d\u201e\u00ab\u00bb\u2022]+
    """,
    re.VERBOSE | re.MULTILINE,
)
"""White space, and the punctuation that parts words and sets them off. Signs that can be an answer,
such as < or [], are none."""
_MOST_WORDS = 40
"""Whoever opens at greater length is left to the judge."""
_OPENERS = """
    thought process; reasoning process; reasoning; chain of thought; step by step; steps
    solution; the solution; answer; the answer; final answer; the final answer; my answer
    the answer is; the final answer is; the solution is; explanation
    solve; let's solve; let us solve; think; let's think; let us think; let me think; let's begin
    let's start; let's solve this problem; let's solve this; to solve this problem
    here is the solution; here is my answer; here is the answer; here is my reasoning
    gedankengang; lösung; die lösung; antwort; die antwort; schritt für schritt; begründung
    solución; respuesta; la respuesta es; paso a paso; solução; resposta; passo a passo
    solution étape par étape; réponse; la réponse est; étape par étape; raisonnement
    soluzione; risposta; passo dopo passo; решение; ответ; шаг за шагом; рассуждение
    الحل; الجواب; الإجابة; خطوة بخطوة; 解; 解答; 答案; 答; 思考过程; 解题过程; 一步一步
    让我们一步一步思考; 让我们逐步思考; 让我们一步步解决这个问题; かいせつ; 解説; 回答
    풀이; 정답; 해설
"""
_FILLERS = """
    sure; okay; ok; certainly; of course; well; so; now; great; hmm; this; problem; this problem
    the problem; it; we; first; let's go; carefully; together; here; here it is; question; task
"""


def _phrases(text: str) -> frozenset[tuple[str, ...]]:
    parts = re.split(r"[;\n]", text)
    return frozenset(tuple(_words(part)) for part in parts if part.strip())


def _words(text: str) -> list[str]:
    return _NOISE.sub(" ", text.casefold()).split()


_OPENING = _phrases(_OPENERS)
_FILLING = _phrases(_FILLERS)
_LONGEST = max(len(phrase) for phrase in _OPENING | _FILLING)


def says_nothing(text: str, reference: str = "") -> bool:
    """Return whether an attempt is empty, has no word, number or sign, or is an opener only.

    Args:
        text: The whole attempt.
        reference: The lesson's; who says the same has said something, be it "Reasoning" or ".".
    """
    words = _words(disarmed(text, " "))
    if len(words) > _MOST_WORDS or (text.strip() and text.strip() == reference.strip()):
        return False
    return not words or (_opens(words) and words != _words(reference))


def _opens(words: list[str]) -> bool:
    """Return whether words are opening phrases and fillers end to end, an opening among them."""
    reached: dict[int, bool] = {0: False}
    for place in range(len(words)):
        if place not in reached:
            continue
        for end in range(place + 1, min(place + _LONGEST, len(words)) + 1):
            phrase = tuple(words[place:end])
            if phrase in _OPENING:
                reached[end] = True
            elif phrase in _FILLING:
                reached[end] = reached.get(end, False) or reached[place]
    return reached.get(len(words), False)
