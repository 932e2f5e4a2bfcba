"""Programs that take more than they may, run by the tests as root and as an ordinary user."""

from agents.relay.sandbox.contracts import Limits

SMALL = Limits(
    wall_s=15, cpu_s=8, memory_mb=96, processes=24, open_files=64, file_mb=8, output_kb=256, tmp_mb=8, workspace_mb=16
)

FORKS = """
import os, time
made = 0
try:
    while made < 500:
        if os.fork() == 0:
            time.sleep(60)
            os._exit(0)
        made += 1
except OSError:
    pass
print("made", made, flush=True)
time.sleep(0.5)
"""
FORKS_WITHOUT_END = """
import os
while True:
    try:
        os.fork()
    except OSError:
        pass
"""
ONE_PROCESS = """
blocks = []
for _ in range(60):
    blocks.append(bytearray(b"x" * (10 << 20)))
print("ESCAPED")
"""
MANY_PROCESSES = """
import os, time
for _ in range(8):
    if os.fork() == 0:
        block = bytearray(b"x" * (30 << 20))
        time.sleep(30)
        os._exit(0)
time.sleep(10)
print("ESCAPED")
"""
SHARED_MEMORY = """
import mmap, time
blocks = []
for _ in range(40):
    block = mmap.mmap(-1, 10 << 20)
    block.write(b"x" * (10 << 20))
    blocks.append(block)
time.sleep(2)
print("ESCAPED")
"""
NAMELESS_FILES = """
import os, time
for number in range(40):
    descriptor = os.memfd_create("x")
    os.write(descriptor, b"x" * (7 << 20))
time.sleep(5)
print("ESCAPED")
"""
ONE_FILE = """
import os
with open("/workspace/big", "wb", buffering=0) as file:
    try:
        while True:
            file.write(b"x" * (1 << 20))
    except OSError as error:
        print("error", error.errno, os.path.getsize("/workspace/big"))
"""
MANY_FILES = """
import time
for number in range(40):
    with open(f"/workspace/{number}", "wb") as file:
        file.write(b"x" * (4 << 20))
time.sleep(3)
print("ESCAPED")
"""
SMALL_FILES = """
import time
for number in range(100_000):
    open(f"/workspace/{number}", "w").close()
time.sleep(3)
print("ESCAPED")
"""
DELETED_FILES = """
import os, time
kept = []
for number in range(20):
    file = open(f"/workspace/{number}", "wb", buffering=0)
    os.unlink(f"/workspace/{number}")
    file.write(b"x" * (4 << 20))
    kept.append(file)
time.sleep(3)
print("ESCAPED")
"""
HIDDEN_FILES = """
import os, time
os.mkdir("/workspace/closed")
os.chdir("/workspace/closed")
os.chmod("/workspace/closed", 0o300)
for number in range(20):
    with open(f"{number}", "wb") as file:
        file.write(b"x" * (4 << 20))
time.sleep(3)
print("ESCAPED")
"""
TMP = """
import os
written = 0
for folder in ("/tmp", "/dev/shm"):
    try:
        for number in range(50):
            with open(f"{folder}/{number}", "wb", buffering=0) as file:
                for _ in range(4):
                    written += file.write(b"x" * (1 << 20))
    except OSError as error:
        print("error", error.errno)
print("written", written >> 20)
for folder in ("/", "/dev", "/etc", "/tmp/.."):
    try:
        open(f"{folder}/x", "w")
        print("ESCAPED", folder)
    except OSError:
        pass
"""
LOOP = "while True: pass"
WAITS = "import time; time.sleep(60)"
OUTPUT = """
import os
os.write(1, b"the beginning\\n")
while True:
    os.write(1, b"y" * 65536)
"""
DAEMON = """
import os, sys, time
if os.fork():
    os._exit(0)
os.setsid()
if os.fork():
    os._exit(0)
os.environ.clear()
os.closerange(0, 3)
while True:
    with open("/workspace/beats", "a") as file:
        file.write("x")
    time.sleep(0.02)
"""
BEATS = """
import time
while True:
    with open("beats", "a") as file:
        file.write("x")
    time.sleep(0.02)
"""
WALLS = """
import ctypes, errno, os, socket
libc = ctypes.CDLL(None, use_errno=True)
def refused(call):
    try:
        call()
    except OSError as error:
        print("held", errno.errorcode.get(error.errno, error.errno))
    else:
        print("ESCAPED")
def unshare():
    if libc.unshare(0x10000000) == -1:
        raise OSError(ctypes.get_errno(), "refused")
refused(lambda: open("/etc/shadow"))
refused(lambda: os.listdir("/home"))
refused(lambda: open("/usr/x", "w"))
refused(lambda: open("/proc/sys/kernel/core_pattern", "w"))
refused(lambda: open("/proc/1/root/usr/x", "w"))
refused(lambda: socket.create_connection(("192.0.2.1", 80), 1))
refused(lambda: socket.socket(16, 3))
refused(unshare)
open("/workspace/x", "w").close()
refused(lambda: os.chmod("/workspace/x", 0o4755))
refused(lambda: os.kill(-1, 9) if os.getpid() == 1 else os.setuid(0))
"""
