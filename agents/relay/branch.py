"""A job's own branch. Only the Scheduler holds one: nothing else in the relay makes commits or moves refs."""

from agents.relay.checkpoint import message_of
from agents.relay.contracts import SignedCheckpoint
from agents.relay.git_reader import branch_name
from agents.relay.host_git import git, text
from errors import BranchMoved, GitFailed, UserMistake

PREFIX = "refs/heads/"
NOTHING = "0" * 40


class Branch:
    """``vespera/r481`` of one repository. Writing the same checkpoint twice gives the same commit once."""

    def __init__(self, repo: str, name: str, base: str) -> None:
        if not name.startswith("vespera/"):
            raise ValueError(f"{name} is not a branch of the relay")
        self._repo, self.name, self._base = repo, name, base

    def tip(self) -> str | None:
        """The branch's commit, None while there is no such branch."""
        found = git(self._repo, "for-each-ref", "--format=%(objectname)", PREFIX + self.name)
        return found.decode().strip() or None

    def commit(self, signed: SignedCheckpoint, subject: str) -> str:
        """Commit a signed tree on the branch; the commit. Done before, it changes nothing.

        Raises:
            BranchMoved: the branch stands elsewhere than the checkpoint's parent; somebody else moved it.
            GitFailed: the tree is gone, or git could not write.
        """
        statement = signed.statement
        date = f"{int(signed.at)} +0000"
        who = {"NAME": "Vespera relay", "EMAIL": "relay@vespera.invalid", "DATE": date}
        environment = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in who.items()}
        commit = git(
            self._repo, "commit-tree", "-p", statement.parent, statement.tree,
            feed=message_of(signed, subject).encode(), environment=environment,
        ).decode().strip()  # fmt: skip
        first = statement.parent == self._base and statement.number == 1
        try:
            self._move(commit, NOTHING if first else statement.parent)
        except GitFailed:
            tip = self.tip()
            if tip is not None and self._is(tip, signed):  # a kill after an earlier try left it
                return tip
            self._begin_anew(commit, statement.parent, tip)
        return commit

    def roll_back(self, commit: str) -> None:
        """Move the branch to an earlier checkpoint, or to the base."""
        tip = self.tip()
        if tip is not None and tip != commit:
            git(self._repo, "update-ref", "-m", "vespera: rolled back", PREFIX + self.name, commit, tip)

    def merge_into(self, target: str) -> str:
        """Fast-forward a person's branch to this one; a sentence that says what was done.

        Raises:
            UserMistake: it cannot be done without a merge commit, or the working tree has changes.
        """
        tip = self.tip()
        if tip is None:
            raise UserMistake("This job has no checkpoint yet, so there is nothing to merge. Nothing was changed.")
        ours = text(self._repo, "rev-parse", PREFIX + target)
        if ours == tip:
            return f"{target} is at {tip[:12]} already."
        if not self._contains(ours, tip):
            raise UserMistake(
                f"{target} has gone on since this job began. Nothing was changed. Merge it yourself: "
                f"git merge {self.name}"
            )
        if branch_name(self._repo) == target:
            if git(self._repo, "status", "--porcelain", "--untracked-files=no").strip():
                raise UserMistake(
                    "The working tree has changes that are not committed. Nothing was changed. Commit or stash them."
                )
            git(self._repo, "merge", "--ff-only", "-q", tip)
        else:
            git(self._repo, "update-ref", "-m", f"vespera: merged {self.name}", PREFIX + target, tip, ours)
        return f"{target} was moved forward to {tip[:12]}."

    def _move(self, commit: str, old: str) -> None:
        git(self._repo, "update-ref", "-m", "vespera: checkpoint", PREFIX + self.name, commit, old)

    def _begin_anew(self, commit: str, parent: str, tip: str | None) -> None:
        """After a rollback to the base the branch is there; or nobody made it yet. Raises BranchMoved."""
        if tip != parent and not (tip is None and parent == self._base):
            raise BranchMoved(
                f"{self.name} stands at {(tip or 'nothing')[:12]}, not at the last checkpoint {parent[:12]}: somebody "
                "else moved it. Nothing was committed."
            )
        self._move(commit, tip or NOTHING)

    def _is(self, commit: str, signed: SignedCheckpoint) -> bool:
        """Whether a commit is this checkpoint. Its date and subject may differ: a person who approves says it anew."""
        form = "--format=%P %T %(trailers:key=Vespera-Signature,valueonly,separator=%x20)"
        wanted = f"{signed.statement.parent} {signed.statement.tree} {signed.signature}"
        return text(self._repo, "log", "-1", form, commit) == wanted

    def _contains(self, old: str, new: str) -> bool:
        try:
            git(self._repo, "merge-base", "--is-ancestor", old, new)
        except GitFailed:
            return False
        return True


def free_name(repo: str, wanted: str) -> str:
    """``wanted``, or with a number behind it when the repository has such a branch of another data directory."""
    taken = set(text(repo, "for-each-ref", "--format=%(refname:short)", PREFIX + "vespera/").split())
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted}-{number}"
    return name
