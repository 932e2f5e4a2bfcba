"""`/relay` in Discord: the real bot, a real relay process over its socket, a scripted model over HTTP, a git repository."""

from pathlib import Path

from tests.discord.relay_house import bench, labels, text
from tests.relay.house import RIGHT, WRONG, builders


async def test_a_job_fails_gets_its_capsule_passes_and_shows_its_checkpoint(tmp_path: Path) -> None:
    async with bench(tmp_path, builders(WRONG, RIGHT)) as at:
        job = await at.start()
        view = await at.ended(job)
        assert view.state.status == "done", view.state.reason
        for m in at.channel.history():
            print('CHANNEL', m.id, text(m), labels(m))
        for m in at.thread().history():
            print('THREAD', m.id, text(m), [a.filename for a in m.attachments])
        print(at.env.transcript())
        assert 0
