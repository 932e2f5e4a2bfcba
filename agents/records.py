"""What is remembered of answers, of rejected drafts, and of what people called wrong."""

from collections.abc import Iterator

import msgspec

from agents.contracts import Answer
from agents.work import Payload
from blackboard.chronicle import Lesson, Portion
from blackboard.contracts import Feedback, Task
from memory.contracts import NewRecord

TEXT = 4_000
"""Characters of an answer that are remembered; the whole of it stands on the blackboard."""


def of_portion(portion: Portion) -> list[NewRecord]:
    """The records for what was committed; each has a key of its own, so that a repetition writes nothing."""
    return [
        *(record for task in portion.tasks for record in _of_task(task)),
        *(_of_lesson(lesson) for lesson in portion.lessons),
        *(_of_feedback(tenant, said) for tenant, said in portion.wrong if said.wrong or said.should_be),
    ]


def _of_task(task: Task) -> Iterator[NewRecord]:
    """A drafted answer; look-ups and cached ones hold nothing that is not known anyway."""
    try:
        answer = msgspec.json.decode(task.result or b"", type=Answer)
        payload = msgspec.json.decode(task.payload, type=Payload)
    except msgspec.MsgspecError:
        return  # erased, or written by another version
    if not answer.attempts or answer.cached or answer.ephemeral or answer.status in ("fallback", "failed"):
        return
    yield NewRecord(
        tenant=task.tenant,
        kind="answer",
        text=f"{payload.request.command}\n{answer.text}"[:TEXT],
        agent_id="weaver",
        task_id=str(task.id),
        status=answer.status,
        created_at=task.updated_at,
        tags=(task.task_type, payload.topic.variant),
        user=task.user,
        trusted=answer.status == "verified",
        once=f"answer:{task.id}",
    )


def _of_lesson(lesson: Lesson) -> NewRecord:
    correction = lesson.correction
    text = f"A draft for {lesson.task_type} was rejected by {correction.rule_violated}: {correction.critic_feedback}"
    return NewRecord(
        tenant=lesson.tenant,
        kind="correction",
        text=text[:TEXT],
        agent_id="critic",
        task_id=str(correction.task_id),
        created_at=correction.corrected_at,
        tags=(lesson.task_type, correction.rule_violated),
        once=f"correction:{correction.id}",
    )


def _of_feedback(tenant: str, said: Feedback) -> NewRecord:
    text = f"Said to be wrong: {said.wrong}" if said.wrong else "An answer was said to be wrong."
    if said.should_be:
        text += f" Said to be right: {said.should_be}"
    return NewRecord(
        tenant=tenant,
        kind="warning",
        text=text[:TEXT],
        task_id=str(said.task_id),
        created_at=said.at,
        user=said.user,
        once=f"warning:{said.task_id}:{said.user}:{said.at:.3f}",
    )
