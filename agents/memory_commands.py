"""The slash commands of the memory: what people teach, look for, take back, and own."""

from truth_blocks.contracts import Command, Option

KINDS = ("note", "answer", "correction", "warning")
CONFIRM = "delete my data"

MEMORY_COMMANDS = (
    Command(
        "/remember",
        "memory.remember",
        "Teach this server something: house rules, names, conventions. Shown as taught, never as a checked fact.",
        "/remember text: Flanking gives plus two at this table",
        (
            Option("text", "What to remember", True, max_length=2_000),
            Option("tags", "Words to file it under, with commas", max_length=200),
            Option("days", "Days to keep it; for good when left out", max_length=4),
        ),
    ),
    Command(
        "/recall",
        "memory.recall",
        "Look for what was remembered here, with score and age.",
        "/recall text: flanking",
        (
            Option("text", "What to look for, in your own words", True, max_length=500),
            Option("kind", "Only notes, answers, corrections or warnings", choices=KINDS),
            Option("tag", "Only what is filed under this word", max_length=60),
        ),
    ),
    Command(
        "/forget",
        "memory.forget",
        "Take back what you taught; admins may take back anything taught here.",
        "/forget note: 12",
        (
            Option("note", "Its number, as /remember and /recall show it; several with commas", max_length=200),
            Option("all", "Everything you taught here", kind="flag"),
        ),
    ),
    Command(
        "/privacy export",
        "privacy.export",
        "All that is stored about you here, as a file; in a direct message from everywhere.",
        "/privacy export",
    ),
    Command(
        "/privacy delete",
        "privacy.delete",
        "Erase what you said and were answered here; in a direct message everywhere. It cannot be undone.",
        f"/privacy delete confirm: {CONFIRM}",
        (Option("confirm", f"Type: {CONFIRM}", max_length=40),),
    ),
)
