"""The slash commands of coding jobs, as fronts register and `/help` and docs/commands.md list them."""

from truth_blocks.contracts import Command, Option

_JOB = Option("job", "Its name, r12; in its thread you may leave it out.", suggests=True, max_length=20)

COMMANDS = (
    Command(
        "/relay start",
        "relay.start",
        "Start a coding job: every step is tested before it is kept.",
        "/relay start repo: shop goal: make the basket's total include the discount",
        (
            Option("repo", "A repository the owner allows here.", required=True, suggests=True, max_length=80),
            Option("goal", "What is to be reached, in a sentence or two.", required=True),
            Option("roadmap", "Its steps in their order, separated by semicolons."),
            Option("file", "The steps as a file: a line each, or a JSON list.", kind="file"),
            Option("tries", "Tries per step before a person is asked: 1 to 50.", max_length=2),
            Option("allow", "Protected paths this job may change, e.g. tests/**, separated by commas."),
            Option("next_input", "Where the Builder's next input goes: thread, or a webhook.", suggests=True),
            Option("resubmit", "Let the Builder's next input become the job's next request.", kind="flag"),
        ),
    ),
    Command("/relay status", "relay.status", "A job as it stands, or all of this server.", "/relay status", (_JOB,)),
    Command(
        "/relay approve",
        "relay.approve",
        "Keep what was refuted, on your word; or merge a job that is done.",
        "/relay approve job: r12",
        (_JOB,),
    ),
    Command("/relay stop", "relay.stop", "Stop a job now; what is proved stays.", "/relay stop job: r12", (_JOB,)),
    Command(
        "/relay hint",
        "relay.hint",
        "Let a job that waits go on, with a hint for the Builder.",
        "/relay hint job: r12 text: the total is rounded in basket.py, not in cart.py",
        (Option("text", "What the next Builder should know.", required=True, max_length=1_000), _JOB),
    ),
    Command("/relay resume", "relay.resume", "Let a job that waits go on.", "/relay resume job: r12", (_JOB,)),
    Command(
        "/relay rollback",
        "relay.rollback",
        "Take a job's branch back to a checkpoint; it then waits.",
        "/relay rollback job: r12 checkpoint: 3",
        (Option("checkpoint", "Its number; 0 is where the job began.", required=True, max_length=6), _JOB),
    ),
    Command("/relay ledger", "relay.ledger", "A job's sprints, whole, as a file.", "/relay ledger job: r12", (_JOB,)),
    Command(
        "/relay repos",
        "relay.repos",
        "The repositories allowed here; the owner adds and removes them.",
        "/relay repos add: /srv/shop name: shop",
        (
            Option("add", "Absolute path of a repository on the bot's machine."),
            Option("name", "What it is called here; its folder's name when left out.", max_length=40),
            Option("remove", "Name of the one to take out.", suggests=True, max_length=80),
        ),
    ),
    Command(
        "/relay allow",
        "relay.allow",
        "Admins: the roles that may use the relay, and webhooks for next inputs.",
        "/relay allow role: @relay",
        (
            Option("role", "A role of this server: mention it, or write its name or number.", max_length=120),
            Option("webhook", "Address of a Discord webhook that may get next inputs.", max_length=250),
            Option("name", "What the webhook is called here.", max_length=40),
            Option("remove", "Take the role, or the webhook of this name, out again.", kind="flag"),
        ),
    ),
)
TASKS = frozenset(command.task_type for command in COMMANDS)
