"""Embed the graph in an app, with the app's own models. Here a script answers, so it runs anywhere.

Any LangChain chat model does instead: `LangChainModel(chat, endpoint="openai", name="gpt-5")` from
`agents.chat.langchain`. The trajectory comes back to the app; nothing is written to disk.
"""

import asyncio

from agents.chat import Channel, ScriptedModel
from agents.critic import ProgramCritic
from agents.student import ChatStudent
from agents.teacher import ChatTeacher
from graphs import Faculty, make_graph
from storage.records import Skill

LESSON = '{"reference": "12", "question": "Six crates hold two bells each. How many bells?"}'


async def main() -> None:
    """Let a lesson be written, tried twice and judged, and print what came of it."""
    model = ScriptedModel({"You are a teacher": LESSON, "": "6 times 2 is 12.\nAnswer: 12"})
    faculty = Faculty(
        teacher=ChatTeacher(Channel(model, "teacher"), (Skill(name="times", verifier="math"),)),
        student=ChatStudent(Channel(model, "student")),
        critic=ProgramCritic(),
    )
    out = await make_graph().ainvoke({"skill": "times", "seed": 7}, context=faculty)
    print(out["trajectory"].status, [attempt.answer for attempt in out["trajectory"].attempts])


if __name__ == "__main__":
    asyncio.run(main())
