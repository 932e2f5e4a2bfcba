"""Applies a reply in a process of its own, in which one system call fails or is the last thing that happens.

Arguments: folder, file with the reply, audit event, which of its occurrences, `fail` or `kill`.
"""

import errno
import os
import signal
import sys
from pathlib import Path

from agents.relay.patches import Policy, Refusal, apply, plan, read_patches

root, reply, event, number, how = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]), sys.argv[5]
planned = plan(root, read_patches(reply.read_text()), Policy(protected=()))
assert not isinstance(planned, Refusal), planned
seen = 0


def hook(name: str, arguments: tuple[object, ...]) -> None:
    global seen
    ours = any(part in str(each) for each in arguments for part in (".vespera-patch-", "setup.toml", "new"))
    if name == event and ours:
        seen += 1
        if seen == number:
            if how == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


sys.addaudithook(hook)
done = apply(planned)
print("refused" if isinstance(done, Refusal) else "applied", getattr(done, "code", ""))
