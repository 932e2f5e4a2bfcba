"""What numeric work has freed goes back to the system."""

import subprocess
import sys
from pathlib import Path

import pytest

import allocator
from settings import HOME

SCRIPT = """
import sys, allocator, numpy as np
if sys.argv[1] == "small":
    assert allocator.keep_small()
one = np.ones(4_000_000)      # 32 MB: freed, it makes glibc map nothing smaller any more
del one
arrays, pins = [], []
for _ in range(20):
    arrays.append(np.ones(125_000))
    pins += [np.ones(900) for _ in range(2)]
del arrays
held = next(line for line in open("/proc/self/status") if line.startswith("VmRSS"))
print(int(held.split()[1]) / 1024)
"""


def resident_mib(how: str) -> float:
    done = subprocess.run([sys.executable, "-c", SCRIPT, how], cwd=HOME, capture_output=True, text=True, check=True)
    return float(done.stdout)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc to read the memory")
def test_arrays_between_small_ones_are_given_back() -> None:
    if not allocator.keep_small():
        pytest.skip("this C library has no mallopt")
    assert resident_mib("small") < resident_mib("as it is") - 5


GIVEN = """
import allocator
kept = [bytearray(5_000) for _ in range(8_000)][::50]   # 40 MB in the heap, one piece in fifty kept
def held():
    return int(next(line for line in open("/proc/self/status") if line.startswith("VmRSS")).split()[1]) / 1024
before = held()
allocator.give_back()
print(before - held())
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc to read the memory")
def test_what_lies_free_between_small_ones_is_given_back_when_asked() -> None:
    if not allocator.keep_small():
        pytest.skip("this C library has no malloc_trim")
    done = subprocess.run([sys.executable, "-c", GIVEN], cwd=HOME, capture_output=True, text=True, check=True)
    assert float(done.stdout) > 20
