"""Work shared out to processes: results in order, few of them in flight, a dead process costs one item."""

from __future__ import annotations

import multiprocessing
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from typing import Any, Generic, TypeVar

__all__ = ["ordered"]

Item = TypeVar("Item")
Answer = TypeVar("Answer")

_IN_FLIGHT = 8
# Forking costs a hundredth of a fresh start and is safe while there is one thread; elsewhere than on
# Linux the system's own libraries may have started more.
_METHOD = "fork" if sys.platform == "linux" else "spawn"


def ordered(
    work: Callable[[Item], Iterable[Answer]],
    items: Iterable[Item],
    jobs: int,
    lost: Callable[[Item, str], Answer],
) -> Iterator[tuple[Item, Answer]]:
    """Every item with each answer that ``work(item)`` gives, in the order of the items, by ``jobs``
    processes (in this one where that is 1). Where a process dies, ``lost(item, why)`` is the last answer."""
    if jobs <= 1:
        for item in items:
            for answer in work(item):
                yield item, answer
        return
    crew = _Crew(work, jobs)
    try:
        yield from crew.run(items, lost)
    finally:
        crew.dismiss()


class _Worker(Generic[Item, Answer]):
    """A process and the item it is at."""

    def __init__(self, work: Callable[[Item], Iterable[Answer]]) -> None:
        context: Any = multiprocessing.get_context(_METHOD)
        self.line, far = context.Pipe()
        self.process = context.Process(target=_serve, args=(work, far, self.line), daemon=True)
        with _uninterrupted():
            self.process.start()
        far.close()  # so that the line ends when the process does
        self.task: tuple[int, Item] | None = None

    def end(self) -> str:
        """Makes sure that the process is gone; says why it went."""
        self.line.close()
        self.process.terminate()
        self.process.join(5)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        code = self.process.exitcode or 0
        if code < 0:
            return f"the process that read it was killed by signal {-code} (too little memory?)"
        return f"the process that read it ended with code {code}"


@dataclass(slots=True)
class _Turn(Generic[Item, Answer]):
    """An item whose turn has not come, or is not over: the answers that wait, and whether all are there."""

    item: Item
    answers: deque[Answer] = field(default_factory=deque)
    over: bool = False


class _Crew(Generic[Item, Answer]):
    def __init__(self, work: Callable[[Item], Iterable[Answer]], jobs: int) -> None:
        self._work = work
        self._workers: list[_Worker[Item, Answer]] = [_Worker(work) for _ in range(jobs)]
        self._turns: dict[int, _Turn[Item, Answer]] = {}
        self._next = 0

    def run(
        self, items: Iterable[Item], lost: Callable[[Item, str], Answer]
    ) -> Iterator[tuple[Item, Answer]]:
        waiting = enumerate(items)
        while True:
            self._hand_out(waiting)
            while turn := self._turns.get(self._next):
                while turn.answers:
                    yield turn.item, turn.answers.popleft()
                if not turn.over:
                    break
                del self._turns[self._next]
                self._next += 1
                self._hand_out(waiting)
            if not self._turns:
                return
            for line in wait(list(self._heard())):
                if isinstance(line, Connection):
                    self._collect(self._heard()[line], lost)

    def _heard(self) -> dict[Connection, int]:
        """The lines that are listened to: not those of which enough waits for its turn."""
        found = {}
        for at, worker in enumerate(self._workers):
            if worker.task is not None:
                number = worker.task[0]
                if number == self._next or len(self._turns[number].answers) < _IN_FLIGHT:
                    found[worker.line] = at
        return found

    def dismiss(self) -> None:
        for worker in self._workers:
            worker.end()

    def _hand_out(self, waiting: Iterator[tuple[int, Item]]) -> None:
        """Items to idle workers, as long as few answers wait for their turn."""
        for at, worker in enumerate(self._workers):
            if worker.task is not None or len(self._turns) >= _IN_FLIGHT * len(self._workers):
                continue
            task = next(waiting, None)
            if task is None:
                return
            self._turns[task[0]] = _Turn(task[1])
            self._start(at, task)

    def _start(self, at: int, task: tuple[int, Item]) -> None:
        try:
            self._workers[at].line.send(task[1])
        except OSError:  # it died while it was idle
            self._workers[at].end()
            self._workers[at] = _Worker(self._work)
            self._workers[at].line.send(task[1])
        self._workers[at].task = task

    def _collect(self, at: int, lost: Callable[[Item, str], Answer]) -> None:
        worker = self._workers[at]
        if worker.task is None:
            return
        number, item = worker.task
        turn = self._turns[number]
        try:
            answer = worker.line.recv()
        except (EOFError, OSError):
            worker.process.join(5)
            answer = None
            turn.answers.append(lost(item, worker.end()))
            self._workers[at] = _Worker(self._work)
        if answer is None:
            turn.over = True
            worker.task = None
        else:
            turn.answers.append(answer[0])


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """An interrupt waits until the end of the block. While a process forks Python runs callbacks of modules,
    and an interrupt in one of them is printed and forgotten."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(work: Callable[[Item], Iterable[Answer]], line: Any, other_end: Any) -> None:
    """A worker's life: it ends with the line. An interrupt from the keyboard is the parent's affair."""
    other_end.close()  # a fork inherits it, and would keep its own line open when the parent is killed
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    while True:
        try:
            for answer in work(line.recv()):
                line.send((answer,))
            line.send(None)
        except (EOFError, BrokenPipeError, ConnectionResetError):
            return
