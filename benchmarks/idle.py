"""Resident memory of the idle bot: connected to a loopback Discord, all cogs loaded, Groq configured.

    ./vespera bench idle [--seconds 60]

The yardstick beside it is a process that has only imported discord.py and aiohttp, measured in the same run.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.figures import ROOT

GOAL_MIB = 72.0
TOKEN = "good-token"  # noqa: S105 (the loopback gateway takes any)


def main() -> int:
    """Start both processes, wait, print VmRSS; exit code 1 when the bot did not stay up."""
    parser = argparse.ArgumentParser(prog="vespera bench idle", description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--port", type=int, default=18_765)
    options = parser.parse_args()
    discord = subprocess.Popen(
        [sys.executable, "-m", "tests.wire.fake_discord", "--port", str(options.port)], cwd=ROOT, stdout=subprocess.PIPE
    )
    with tempfile.TemporaryDirectory(prefix="vespera-idle-") as folder:
        time.sleep(1.5)
        bot = subprocess.Popen([sys.executable, "bot.py"], cwd=ROOT, env=_environment(options.port, folder))
        try:
            time.sleep(options.seconds)
            if bot.poll() is not None:
                print(f"The bot did not stay up: exit code {bot.returncode}.")
                return 1
            _report(_resident_mib(bot.pid), options.seconds)
            return 0
        finally:
            _stop(bot)
            _stop(discord)


def _environment(port: int, folder: str) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("VESPERA_", "DISCORD_"))}
    return {
        **inherited,
        "DISCORD_TOKEN": TOKEN,
        "DISCORD_API_URL": f"http://127.0.0.1:{port}/api/v10",
        "DISCORD_GATEWAY_URL": f"ws://127.0.0.1:{port}/gateway",
        "GROQ_API_KEY": "gsk_" + "0" * 40,
        "VESPERA_DATA_DIR": folder,
        "VESPERA_LOG_LEVEL": "WARNING",
    }


def _report(bot_mib: float, seconds: float) -> None:
    yardstick = subprocess.run(
        [sys.executable, "-c", "import discord, aiohttp; print(open('/proc/self/status').read())"],
        stdout=subprocess.PIPE, text=True, check=True, timeout=60,
    ).stdout  # fmt: skip
    library_mib = _rss_of(yardstick)
    print(f"idle bot after {seconds:g} s: {bot_mib:.1f} MiB resident (goal: at most {GOAL_MIB:g})")
    print(f"discord.py and aiohttp imported, nothing else: {library_mib:.1f} MiB, ratio {bot_mib / library_mib:.2f}")


def _resident_mib(pid: int) -> float:
    return _rss_of(Path(f"/proc/{pid}/status").read_text("ascii"))


def _rss_of(status: str) -> float:
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))) / 1_024


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout:
        process.stdout.close()


if __name__ == "__main__":
    sys.exit(main())
