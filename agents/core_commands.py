"""The commands that belong to no truth block, table, memory or relay: why, status, help."""

from truth_blocks.contracts import Command, Option

CORE_COMMANDS = (
    Command(
        "/why",
        "why",
        "Why an answer is as it is: route, drafts, verdicts, cost.",
        "/why task: 481",
        (Option("task", "Number of the task; your last one when left out."),),
    ),
    Command("/status", "status", "How the bot is: queue, models, facts.", "/status"),
    Command(
        "/help",
        "help",
        "What you may use here, with an example each.",
        "/help command: dnd rule",
        (Option("command", "One command or family, for its options."),),
    ),
)
