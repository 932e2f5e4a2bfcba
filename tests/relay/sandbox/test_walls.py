"""One attack per way out: files, network, secrets, processes, the system's calls."""

import os
import platform
import re
import socket
import subprocess
from pathlib import Path

import pytest

from agents.relay.sandbox.sandbox import Sandbox
from agents.relay.sandbox.syscalls import numbers
from tests.relay.sandbox.conftest import Attack, held

CONNECTS = """
port = int(sys.argv[1])
tries("loopback", lambda: socket.create_connection(("127.0.0.1", port), 2))
"""


async def test_a_service_of_the_host_on_loopback_is_out_of_reach(
    sandbox: Sandbox, attack: Attack, listening: int
) -> None:
    assert held(await attack(sandbox, CONNECTS, listening)) == {"loopback": "ECONNREFUSED"}


async def test_the_same_program_reaches_it_in_the_weaker_mode(weak: Sandbox, attack: Attack, listening: int) -> None:
    assert "ESCAPED loopback" in (await attack(weak, CONNECTS, listening)).output


async def test_nothing_beyond_the_sandbox_answers(sandbox: Sandbox, attack: Attack) -> None:
    found = held(await attack(sandbox, """
        tries("address", lambda: socket.create_connection(("192.0.2.1", 443), 2))
        tries("address6", lambda: socket.create_connection(("2001:db8::1", 443), 2))
        tries("datagram", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("192.0.2.1", 53)))
        tries("multicast", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("224.0.0.1", 53)))
        tries("name", lambda: socket.getaddrinfo("example.org", 443))
        """))  # fmt: skip
    assert set(found) == {"address", "address6", "datagram", "multicast", "name"}
    assert found["address"] == "ENETUNREACH"


async def test_loopback_inside_serves_http_checks(sandbox: Sandbox, attack: Attack) -> None:
    outcome = await attack(sandbox, """
        import http.server, threading, urllib.request
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 8080), http.server.SimpleHTTPRequestHandler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(urllib.request.urlopen("http://localhost:8080/attack.py").status)
        """)  # fmt: skip
    assert "200" in outcome.output.split()


async def test_unix_sockets_of_the_host_are_out_of_reach(sandbox: Sandbox, attack: Attack, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as named, socket.socket(socket.AF_UNIX) as abstract:
        named.bind(str(tmp_path / "host.sock"))
        named.listen()
        abstract.bind(f"\0vespera-test-{os.getpid()}")
        abstract.listen()
        found = held(await attack(sandbox, """
            tries("named", lambda: socket.socket(socket.AF_UNIX).connect(sys.argv[1]))
            tries("abstract", lambda: socket.socket(socket.AF_UNIX).connect("\\0" + sys.argv[2]))
            """, tmp_path / "host.sock", f"vespera-test-{os.getpid()}"))  # fmt: skip
    assert found == {"named": "ENOENT", "abstract": "ECONNREFUSED"}


READS = """
for path in sys.argv[1:]:
    tries(path, lambda: Path(path).read_text())
"""


async def test_homes_host_tmp_and_the_data_directory_are_not_there(
    sandbox: Sandbox, attack: Attack, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    for path in (tmp_path / "secret", data / "relay.sqlite", Path("/tmp", f"vespera-secret-{os.getpid()}")):
        path.write_text("the secret")
    try:
        outcome = await attack(
            sandbox, READS, tmp_path / "secret", data / "relay.sqlite", f"/tmp/vespera-secret-{os.getpid()}",
            "/etc/shadow", "/etc/gshadow", "/etc/sudoers", "/etc/machine-id", "/etc/hostname", "/run/utmp",
            "/var/log/dpkg.log", Path.home() / ".bashrc", Path.home() / ".profile", "/proc/kcore", "/proc/keys",
        )  # fmt: skip
    finally:
        Path("/tmp", f"vespera-secret-{os.getpid()}").unlink()
    assert len(held(outcome)) == 14
    assert "the secret" not in outcome.output


async def test_the_same_program_reads_them_in_the_weaker_mode(weak: Sandbox, attack: Attack, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("the secret")
    assert "the secret" in (await attack(weak, READS, tmp_path / "secret")).output


async def test_of_a_home_only_the_shown_tools_are_seen(sandbox: Sandbox, attack: Attack) -> None:
    outcome = await attack(sandbox, """
        for top in ("/", "/root", "/home", "/etc", "/tmp"):
            print(top, sorted(os.listdir(top)) if os.path.isdir(top) else [])
        """)  # fmt: skip
    seen = {line.split(" ", 1)[0]: line.split(" ", 1)[1] for line in outcome.output.splitlines() if line[0] == "/"}
    assert not {"run", "var", "sys", "boot", "mnt", "srv"} & set(seen["/"].replace("'", " ").split())
    assert seen["/home"] == "[]"
    assert ".ssh" not in seen["/root"]
    assert "shadow" not in seen["/etc"]
    assert seen["/tmp"].startswith("['home'")


ENVIRONMENTS = """
found = [p for p in Path("/proc").glob("[0-9]*/environ")]
print("processes", len(found))
for path in found:
    try:
        if b"hunter2" in path.read_bytes():
            print("ESCAPED", path)
    except OSError as error:
        print("closed", error.errno)
print("own", sorted(os.environ))
"""


async def test_no_environment_holds_the_hosts_secrets(
    sandbox: Sandbox, weak: Sandbox, attack: Attack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "hunter2")
    holder = subprocess.Popen(["sleep", "30"])
    try:
        inside = await attack(sandbox, ENVIRONMENTS)
        assert "ESCAPED" not in inside.output
        assert "DISCORD_TOKEN" not in inside.output
        assert "processes 2\n" in inside.output or "processes 3\n" in inside.output
        assert "ESCAPED" in (await attack(weak, ENVIRONMENTS)).output
    finally:
        holder.kill()
        holder.wait()


async def test_processes_of_the_host_cannot_be_signalled_or_traced(sandbox: Sandbox, attack: Attack) -> None:
    victim = subprocess.Popen(["sleep", "30"])
    try:
        outcome = await attack(sandbox, """
            for pid in map(int, sys.argv[1:]):
                tries(f"kill{pid}", lambda: os.kill(pid, 9))
            tries("ptrace-parent", lambda: syscall(TRACE, 16, 1, 0, 0))
            tries("ptrace-any", lambda: syscall(TRACE, 16, os.getppid(), 0, 0))
            tries("memory", lambda: open("/proc/1/mem", "r+b"))
            tries("own-memory", lambda: open("/proc/self/mem", "r+b"))
            print(Path("/proc/1/status").read_text(), Path("/proc/1/limits").read_text())
            os.kill(1, 9)
            """.replace("TRACE", str(numbers(platform.machine())["ptrace"])), victim.pid, os.getpid())  # fmt: skip
        found = held(outcome)
        assert {f"kill{victim.pid}", f"kill{os.getpid()}", "ptrace-parent", "ptrace-any"} <= set(found)
        assert found["memory"] == found["own-memory"] == "EROFS"
        # The first process inside is bubblewrap's; should a job take it over, the same filter and limits bind it.
        assert "Seccomp:\t2" in outcome.output
        assert re.search(r"Max file size +8388608 +8388608", outcome.output)
        assert victim.poll() is None
    finally:
        victim.kill()
        victim.wait()


async def test_nothing_outside_the_tree_can_be_written(sandbox: Sandbox, attack: Attack, tmp_path: Path) -> None:
    found = held(await attack(sandbox, """
        def writes(path):
            tries(path, lambda: open(path, "a").close())
        for path in ("/usr/x", "/bin/sh", "/etc/passwd", "/etc/x", "/x", "/dev/x", "/proc/sys/kernel/core_pattern",
                     "/proc/sys/kernel/hostname", "/proc/sysrq-trigger", "/proc/1/oom_score_adj_",
                     "/proc/1/root/usr/x", "/proc/self/root/x", "/proc/self/cwd/../x", "/dev/shm/../x",
                     sys.executable, sys.argv[1] + "/x"):
            writes(path)
        fd = os.open("/usr", os.O_RDONLY)
        writes(f"/proc/self/fd/{fd}/x")
        tries("openat", lambda: os.open("x", os.O_CREAT | os.O_WRONLY, dir_fd=fd))
        fd = os.open("/bin/sh", os.O_RDONLY)
        writes(f"/proc/self/fd/{fd}")
        tries("link", lambda: os.link("/usr/bin/env", "env"))
        tries("rename", lambda: os.rename("/usr/bin/env", "/usr/bin/env2"))
        tries("chroot", lambda: os.chroot("/"))
        """, tmp_path))  # fmt: skip
    assert len(found) == 22
    assert found["/proc/sys/kernel/core_pattern"] in {"EROFS", "EACCES", "EPERM"}
    assert not (tmp_path / "x").exists()


async def test_no_device_and_no_set_user_id_file_can_be_made(sandbox: Sandbox, attack: Attack, workspace: Path) -> None:
    found = held(await attack(sandbox, """
        import stat
        tries("character", lambda: os.mknod("c", stat.S_IFCHR | 0o666, os.makedev(1, 1)))
        tries("block", lambda: os.mknod("b", stat.S_IFBLK | 0o666, os.makedev(8, 0)))
        tries("tmp", lambda: os.mknod("/tmp/c", stat.S_IFCHR | 0o666, os.makedev(1, 1)))
        open("plain", "w").close()
        tries("chmod-u", lambda: os.chmod("plain", 0o4755))
        tries("chmod-g", lambda: os.chmod("plain", 0o2755))
        tries("fchmod", lambda: os.fchmod(os.open("plain", os.O_RDWR), 0o6755))
        tries("open", lambda: os.open("s", os.O_CREAT | os.O_WRONLY, 0o4755))
        tries("mknod", lambda: os.mknod("m", stat.S_IFREG | 0o4755))
        os.chmod("plain", 0o755)
        os.mkfifo("fifo")
        """))  # fmt: skip
    assert set(found) == {"character", "block", "tmp", "chmod-u", "chmod-g", "fchmod", "open", "mknod"}
    assert set(found.values()) == {"EPERM"}
    assert not [path for path in workspace.rglob("*") if path.lstat().st_mode & 0o6000]


async def test_a_set_user_id_program_of_the_system_gives_no_rights(sandbox: Sandbox, attack: Attack) -> None:
    outcome = await attack(sandbox, """
        status = Path("/proc/self/status").read_text()
        for name in ("CapPrm", "CapEff", "CapBnd", "CapInh", "CapAmb"):
            print(name, status.split(name + ":")[1].split()[0])
        print("privileges", status.split("NoNewPrivs:")[1].split()[0])
        tries("setuid", lambda: os.setuid(0))
        """)  # fmt: skip
    assert held(outcome) == {"setuid": "EINVAL"}
    assert outcome.output.count("0000000000000000") == 5
    assert "privileges 1" in outcome.output


async def test_a_crash_leaves_no_core(sandbox: Sandbox, attack: Attack, workspace: Path) -> None:
    outcome = await attack(sandbox, "os.chdir('/workspace'); os.abort()", ends=False)
    assert (outcome.ended, outcome.exit_code) == ("killed", 134)
    assert {path.name for path in workspace.iterdir()} == {"attack.py"}


async def test_nested_namespaces_cannot_be_made(sandbox: Sandbox, attack: Attack) -> None:
    outcome = await attack(sandbox, """
        for flag in (0x10000000, 0x20000, 0x40000000, 0x20000000, 0x4000000, 0x8000000, 0x2000000, 0x80):
            tries(f"unshare-{flag:x}", lambda: syscall(UNSHARE, flag))
        tries("clone", lambda: syscall(CLONE, 0x10000000 | 17, 0, 0, 0, 0))
        tries("clone3", lambda: syscall(435, 0, 0))
        tries("setns", lambda: syscall(SETNS, os.open("/proc/1/ns/mnt", os.O_RDONLY), 0))
        for command in (["unshare", "-Ur", "true"], ["bwrap", "--unshare-all", "--ro-bind", "/", "/", "true"]):
            done = subprocess.run(command, capture_output=True)
            print("ESCAPED" if done.returncode == 0 else "refused", command[0])
        """.replace("UNSHARE", str(numbers(platform.machine())["unshare"]))
        .replace("CLONE", str(numbers(platform.machine())["clone"]))
        .replace("SETNS", str(numbers(platform.machine())["setns"])))  # fmt: skip
    found = held(outcome)
    assert len(found) == 11
    assert found["clone3"] == "ENOSYS"
    assert outcome.output.count("refused") == 2


@pytest.mark.parametrize(
    "name",
    ["keyctl", "add_key", "request_key", "mount", "umount2", "pivot_root", "fsopen", "open_tree", "bpf",
     "perf_event_open", "userfaultfd", "io_uring_setup", "kexec_load", "init_module", "reboot", "syslog",
     "open_by_handle_at", "process_vm_readv", "pidfd_getfd"],
)  # fmt: skip
async def test_a_privileged_call_is_refused_by_the_filter(sandbox: Sandbox, attack: Attack, name: str) -> None:
    number = numbers(platform.machine())[name]
    outcome = await attack(sandbox, f"tries('call', lambda: syscall({number}, 0, 0, 0, 0, 0, 0))")
    assert held(outcome) == {"call": "EPERM"}


async def test_terminals_sockets_and_personalities_are_refused_by_argument(sandbox: Sandbox, attack: Attack) -> None:
    found = held(await attack(sandbox, """
        import fcntl, pty
        leader, follower = pty.openpty()
        for name, request in (("TIOCSTI", 0x5412), ("TIOCLINUX", 0x541c), ("TIOCSETD", 0x5423)):
            tries(name, lambda: fcntl.ioctl(follower, request, b"x"))
        libc.ioctl.argtypes = [ctypes.c_int, ctypes.c_ulong, ctypes.c_char_p]
        def high():
            if libc.ioctl(follower, 0x1_0000_5412, b"x") == -1:
                raise OSError(ctypes.get_errno(), "refused")
        tries("TIOCSTI-high", high)
        print(fcntl.ioctl(follower, 0x5413, b"\\0" * 8))
        for family in (16, 17, 38, 40, 1 << 32 | 16):
            tries(f"socket{family}", lambda: syscall(SOCKET, ctypes.c_ulong(family), 3, 0))
        tries("packet", lambda: socket.socketpair(17, socket.SOCK_RAW))
        tries("personality", lambda: syscall(PERSONALITY, 0x0400000))
        tries("tty", lambda: open("/dev/tty"))
        """.replace("SOCKET", str(numbers(platform.machine())["socket"]))
        .replace("PERSONALITY", str(numbers(platform.machine())["personality"]))))  # fmt: skip
    assert len(found) == 12
    assert {found[name] for name in found if name.startswith("TIOC")} == {"EPERM"}
    assert {found[name] for name in found if name.startswith("socket")} == {"EAFNOSUPPORT"}


@pytest.mark.skipif(platform.machine() != "x86_64", reason="x86_64 alone has other tables of calls")
async def test_calls_by_another_table_of_the_processor_do_not_get_round_the_filter(
    sandbox: Sandbox, attack: Attack
) -> None:
    found = held(await attack(sandbox, """
        tries("x32", lambda: syscall(0x40000000 + 39))
        code = b"\\xb8\\x14\\x00\\x00\\x00\\xcd\\x80\\xc3"  # mov eax, 20 (getpid of i386); int 0x80; ret
        import mmap
        pid = os.fork()
        if pid == 0:
            page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
            page.write(code)
            call = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))
            print("ESCAPED i386", call())
            os._exit(0)
        print("i386 ended by", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
        """))  # fmt: skip
    assert found == {"x32": "ENOSYS"}
