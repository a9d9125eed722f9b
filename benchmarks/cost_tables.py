"""What rounds of the benchmark say: each lane beside the empty tasks around it, and the middle of all rounds."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator, Mapping, Sequence

    from benchmarks.processor_time import Seconds

COLUMN = 13
ALL = "all"


@dataclass(frozen=True)
class Measured:
    """One run.

    :param run: seconds from its start to its end.
    :param mapped: seconds from the first mapped task's start to the last one's end.
    :param cpu: seconds of processor time, by kind of process.
    :param requests: to the API server, by kind.
    """

    run: float
    mapped: float
    cpu: Seconds
    requests: Counter[str]


@dataclass(frozen=True)
class Round:
    """All lanes once.

    :param empties: runs of empty tasks: before the first lane, between lanes, and after the last one.
    :param took: the lanes' runs by name, in their order.
    """

    empties: list[Measured]
    took: dict[str, Measured]

    def nothing(self, name: str) -> Measured:
        """What empty tasks would have taken beside a lane: a machine's speed changes from minute to minute."""
        place = list(self.took).index(name)
        return _mean(self.empties[place : place + 2])

    def ratio(self, name: str) -> float:
        """A lane's mapped tasks as a multiple of empty ones."""
        return self.took[name].mapped / self.nothing(name).mapped

    def ratio_of_run(self, name: str) -> float:
        """The same of the whole run."""
        return self.took[name].run / self.nothing(name).run


def print_times(rounds: Sequence[Round], most: Mapping[str, float], documents: int) -> None:
    """Print times and ratios; the middle of the rounds last.

    :param most: the highest ratio of mapped tasks that is good enough, by the lane's name.
    """
    print("                                    run            ratio   mapped tasks   ratio")
    for each in rounds:
        _print_round(each, documents)
    print("  ratios: to the mean of the empty tasks before and after; these change with the machine's speed")
    print("  the least: one connect, three statements and one call, without any of our code")
    print(f"\nThe middle of {len(rounds)} rounds, in brackets the lowest and the highest")
    for name in rounds[0].took:
        wanted = f"   wanted over 200 documents on a quiet machine: ≤ {most[name]}" if name in most else ""
        mapped, run = [each.ratio(name) for each in rounds], [each.ratio_of_run(name) for each in rounds]
        print(f"  {name:<13} mapped tasks {_middle(mapped)}   run {_middle(run)}{wanted}")


def _print_round(one: Round, documents: int) -> None:
    line = "  {:<24} {:7.1f} s {:6.1f} /s  {:>6}   {:10.1f} s  {:>6}"
    for empty, (name, took) in zip(one.empties, one.took.items(), strict=False):
        print(line.format("mapped, doing nothing", empty.run, documents / empty.run, "", empty.mapped, ""))
        ratios = f"{one.ratio_of_run(name):.2f}", f"{one.ratio(name):.2f}"
        print(line.format(name, took.run, documents / took.run, ratios[0], took.mapped, ratios[1]))
    last = one.empties[-1]
    print(line.format("mapped, doing nothing", last.run, documents / last.run, "", last.mapped, ""))


def _middle(ratios: Sequence[float]) -> str:
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"


def print_requests(rounds: Sequence[Round], documents: int) -> None:
    """Print how often tasks turned to the API server; what was rare is left out."""
    print("\nRequests to the API server per mapped task")
    for name, one in _beside_nothing(rounds):
        often = {kind: count / documents for kind, count in one.requests.most_common() if count >= documents / 2}
        print(
            f"  {name:<13}{sum(often.values()):5.1f}: "
            + ", ".join(f"{each:.1f} {kind}" for kind, each in often.items())
        )


def _beside_nothing(rounds: Sequence[Round]) -> Iterator[tuple[str, Measured]]:
    yield "nothing", rounds[0].empties[0]
    yield from rounds[0].took.items()


def print_cpu(rounds: Sequence[Round], documents: int, sandbox: str) -> None:
    """Print the processor time per task and document, by kind of process, and what is more than for nothing.

    :param sandbox: the kind that stands for systems which use other machines.
    """
    print("\nProcessor time per mapped task, ms (the sandbox stands for systems that use other machines)")
    lanes = {
        name: (_mean([each.took[name] for each in rounds]).cpu, _mean([each.nothing(name) for each in rounds]).cpu)
        for name in rounds[0].took
    }
    print(f"  {'':<20}{'nothing':>8}" + "".join(f"{name:>{COLUMN}}{'more':>7}" for name in lanes))
    _, first = next(iter(lanes.values()))
    for kind in (*first, ALL):
        cells = [(_per_task(took, kind, documents), _per_task(base, kind, documents)) for took, base in lanes.values()]
        told = "".join(f"{cell:{COLUMN}.0f}{cell - base:7.0f}" for cell, base in cells)
        print(f"  {kind:<20}{_per_task(first, kind, documents):8.0f}{told}")
    for name, (took, base) in lanes.items():
        whole, own = sum(took.values()) / sum(base.values()), _without(took, sandbox) / _without(base, sandbox)
        print(f"  {name}: {whole:.2f} × nothing's processor time, {own:.2f} × without the sandbox's")


def _per_task(cpu: Seconds, kind: str, documents: int) -> float:
    return (sum(cpu.values()) if kind == ALL else cpu[kind]) * 1000 / documents


def _without(cpu: Seconds, sandbox: str) -> float:
    return sum(cpu.values()) - cpu[sandbox]


def _mean(runs: Sequence[Measured]) -> Measured:
    cpu = {kind: statistics.mean(one.cpu[kind] for one in runs) for kind in runs[0].cpu}
    run, mapped = (statistics.mean(each) for each in zip(*((one.run, one.mapped) for one in runs), strict=True))
    return Measured(run, mapped, cpu, runs[0].requests)
