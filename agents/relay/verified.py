"""`relay verify`: a job's branch held against the signatures in its commits."""

from agents.relay.branch import Branch
from agents.relay.checkpoint import Broken, verify_chain
from agents.relay.desk import Verified
from agents.relay.jobs import JobView


def verified(view: JobView, public: str) -> Verified:
    """What is on the branch, and everything on it that is not as it was signed; blocks. Raises GitFailed."""
    tip = Branch(view.spec.repo, view.state.branch, view.spec.base).tip()
    if tip is None:
        lost = (Broken("", "the branch is gone"),) if view.state.tip != view.spec.base else ()
        return Verified(view.state.branch, "", 0, lost, public)
    found, broken = verify_chain(view.spec.repo, tip, view.spec.base, public)
    if tip != view.state.tip and view.state.phase != "judged":
        broken.append(Broken(tip, f"the branch ends here, the ledger at {view.state.tip[:12]}"))
    return Verified(view.state.branch, tip, found, tuple(broken), public)
