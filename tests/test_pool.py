"""The pool: order, loss of a worker, bounded flight. The work functions stand at module level to be sent."""

import os
import random
import signal
import subprocess
import sys
import time

import pytest

from archiver import pool
from tests.modules import ROOT


def _square(n: int) -> int:
    time.sleep(random.random() / 200)
    return n * n


def _fragile(n: int) -> int:
    if n % 5 == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    if n % 7 == 6:
        raise SystemExit(3)
    return n


def _slow_head(n: int) -> int:
    time.sleep(0.3 if n == 0 else 0)
    return n


def _large(n: int) -> bytes:
    return bytes(3_000_000)


class _Once:
    """A function as work: one answer an item."""

    def __init__(self, work):
        self.work = work

    def __call__(self, item):
        yield self.work(item)


def ordered(work, items, jobs, lost):
    return (answer for _, answer in pool.ordered(_Once(work), items, jobs, lost))


def _many(n: int):
    yield from (f"{n}.{part}" for part in range(n % 4))


def _endless(n: int):
    part = 0
    while True:
        yield bytes(100_000)
        part += 1
        if n == 1 and part == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        if part == 200:
            return


def _lost(n: int, why: str) -> str:
    return f"{n}: {why}"


@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_answers_come_in_the_order_of_the_items(jobs):
    assert list(ordered(_square, range(60), jobs, _lost)) == [n * n for n in range(60)]


def test_more_items_than_may_be_in_flight_behind_a_slow_first_one():
    assert list(ordered(_slow_head, range(100), 2, _lost)) == list(range(100))


def test_a_dead_worker_costs_its_item_only():
    answers = list(ordered(_fragile, range(30), 2, _lost))
    for n, answer in enumerate(answers):
        if n % 5 == 3:
            assert answer == f"{n}: the process that read it was killed by signal 9 (too little memory?)"
        elif n % 7 == 6:
            assert answer == f"{n}: the process that read it ended with code 3"
        else:
            assert answer == n


def test_items_are_taken_only_as_answers_are_used():
    taken = []

    def items():
        for n in range(10_000):
            taken.append(n)
            yield n

    answers = ordered(_square, items(), 2, _lost)
    assert [next(answers) for _ in range(5)] == [0, 1, 4, 9, 16]
    assert len(taken) < 60
    answers.close()


def test_large_answers_do_not_block():
    assert sum(map(len, ordered(_large, range(6), 2, _lost))) == 18_000_000


def test_no_items():
    assert list(ordered(_square, [], 2, _lost)) == []


_PARENT = """
import sys, time
from tests.test_pool import _pid_then_wait, ordered
for pid in ordered(_pid_then_wait, range(2), 2, lambda n, why: 0):
    print(pid, flush=True)
"""


def _pid_then_wait(n: int) -> int:
    time.sleep(0.1)
    if n == 1:
        time.sleep(0.5)
    return os.getpid()


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="this system has no /proc")
def test_workers_end_with_a_parent_that_is_killed():
    parent = subprocess.Popen([sys.executable, "-c", _PARENT], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    worker = int(parent.stdout.readline())
    children = [
        int(name)
        for name in os.listdir("/proc")
        if name.isdigit() and f"PPid:\t{parent.pid}\n" in _status(name)
    ]
    assert worker in children and len(children) == 2
    parent.kill()
    parent.wait()
    end = time.monotonic() + 10
    while any(os.path.exists(f"/proc/{pid}") and "zombie" not in _status(str(pid)) for pid in children):
        assert time.monotonic() < end, "a worker outlives its parent"
        time.sleep(0.05)


def _status(pid: str) -> str:
    try:
        with open(f"/proc/{pid}/status") as stream:
            return stream.read()
    except OSError:
        return ""


@pytest.mark.parametrize("jobs", [1, 3])
def test_an_item_may_have_many_answers_or_none(jobs):
    wanted = [(n, f"{n}.{part}") for n in range(30) for part in range(n % 4)]
    assert list(pool.ordered(_many, range(30), jobs, _lost)) == wanted


def test_answers_that_were_given_before_a_death_are_kept():
    found = list(pool.ordered(_endless, range(3), 2, _lost))
    assert [sum(number == item for item, _ in found) for number in range(3)] == [200, 4, 200]
    assert "killed by signal 9" in [answer for item, answer in found if item == 1][-1]


_INTERRUPTED = """
import os, signal
from tests.test_pool import _lost, _square, ordered
os.register_at_fork(before=lambda: os.kill(os.getpid(), signal.SIGINT))
try:
    list(ordered(_square, range(9), 2, _lost))
except KeyboardInterrupt:
    print("interrupted")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="workers are not forked on this system")
def test_an_interrupt_while_workers_start_is_not_forgotten():
    child = subprocess.run(
        [sys.executable, "-c", _INTERRUPTED],
        check=False,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (child.stdout, child.stderr) == ("interrupted\n", "")
