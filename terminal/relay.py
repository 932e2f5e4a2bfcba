"""`./vespera relay …`: coding jobs whose every step is proved. See docs/relay.md."""

from pathlib import Path
from typing import Annotated

import typer

relay = typer.Typer(no_args_is_help=True, help="Coding jobs on a repository, every step proved by its tests.")

Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
Job = Annotated[str, typer.Argument(help="Number of the job: r12.")]


@relay.command(epilog="Example: ./vespera relay run --repo . --goal 'parse ISO dates' --json")
def run(
    repo: Annotated[Path, typer.Option(help="The repository; its working tree is not touched.")],
    goal: Annotated[str, typer.Option(help="What is to be reached.")],
    roadmap: Annotated[Path | None, typer.Option(help="File with one goal a line, worked off in order.")] = None,
    as_json: Json = False,
    allow: Annotated[list[str] | None, typer.Option(help="Protected paths this job may change; repeatable.")] = None,
    iterations: Annotated[int | None, typer.Option(min=1, max=50, help="Tries per goal.")] = None,
    webhook: Annotated[str, typer.Option(help="Web address that gets the builder's next input after a pass.")] = "",
    resubmit: Annotated[bool, typer.Option("--resubmit", help="Its next input becomes the job's next goal.")] = False,
) -> int:
    """Work a job to its end, on a branch of its own: signed checkpoints, or a person is asked."""
    from terminal import relay_run

    wanted = relay_run.Wanted(repo, goal, roadmap, tuple(allow or ()), iterations, webhook, resubmit)
    return relay_run.run(wanted, as_json=as_json)


@relay.command(epilog="Example: ./vespera relay status r12 --watch")
def status(
    job: Annotated[str | None, typer.Argument(help="Number of the job; all are listed when left out.")] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Follow it until it ends.")] = False,
    as_json: Json = False,
) -> int:
    """Where jobs stand: roadmap, checkpoints, what was used."""
    from terminal import relay_jobs

    return relay_jobs.status(job, watch=watch, as_json=as_json)


@relay.command(epilog="Example: ./vespera relay approve r12")
def approve(job: Job) -> int:
    """Merge a job that is done; of one that waits, keep the refuted proposal on your word."""
    from terminal import relay_jobs

    return relay_jobs.approve(job)


@relay.command(epilog="Example: ./vespera relay stop r12")
def stop(job: Job) -> int:
    """Stop a job now; what was proved stays."""
    from terminal import relay_jobs

    return relay_jobs.stop(job)


@relay.command(epilog="Example: ./vespera relay resume r12 --hint 'the parser is in lib/'")
def resume(job: Job, hint: Annotated[str, typer.Option(help="A word for the next Builder.")] = "") -> int:
    """Let a job go on that waits, was stopped, or whose process died."""
    from terminal import relay_jobs

    return relay_jobs.resume(job, hint)


@relay.command(epilog="Example: ./vespera relay rollback r12 3")
def rollback(job: Job, checkpoint: Annotated[int, typer.Argument(min=0, help="0 is where the job began.")]) -> int:
    """Take a job's branch back to a checkpoint."""
    from terminal import relay_jobs

    return relay_jobs.rollback(job, checkpoint)


@relay.command(epilog="Example: ./vespera relay verify r12 --json")
def verify(job: Job, as_json: Json = False) -> int:
    """Hold every commit of a job's branch against its signature and the chain."""
    from terminal import relay_jobs

    return relay_jobs.verify(job, as_json=as_json)


@relay.command(epilog="Example: ./vespera relay ledger r12 --json")
def ledger(job: Job, as_json: Json = False) -> int:
    """Every sprint of a job, whole: prompt, reply, checks, verdict, decision, cost."""
    from terminal import relay_jobs

    return relay_jobs.ledger(job, as_json=as_json)


@relay.command(epilog="Example: ./vespera relay export r12 --out sprints.jsonl")
def export(
    job: Annotated[str | None, typer.Argument(help="Number of the job; all when left out.")] = None,
    out: Annotated[Path | None, typer.Option(help="File to write; standard output when left out.")] = None,
) -> int:
    """Sprints as JSONL of prompt, action and outcome, for training."""
    from terminal import relay_jobs

    return relay_jobs.export(job, out)


@relay.command(epilog="Example: ./vespera relay apply --repo ../shop reply.md --json")
def apply(
    file: Annotated[
        Path, typer.Argument(help="What a model wrote: diffs, blocks or whole files; - reads standard input.")
    ],
    repo: Annotated[Path, typer.Option("--repo", help="The repository's top folder.")],
    as_json: Json = False,
    allow: Annotated[
        list[str] | None, typer.Option("--allow", help="Glob of protected paths that may be changed, e.g. 'tests/**'.")
    ] = None,
) -> int:
    """Put one model-written patch onto the working tree, by the relay's policy and locator: all of it or nothing."""
    from terminal.relay_apply import apply

    return apply(repo, file, allow or (), as_json=as_json)


@relay.command(epilog="Example: ./vespera relay serve")
def serve() -> int:
    """The relay as a service: works on jobs until it is stopped; systemd/vespera-relay.service runs it."""
    from terminal.relay_service import serve

    return serve()
