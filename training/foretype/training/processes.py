"""The processes that share one run: one alone, or those that `torchrun` started, on one machine or on several.

Each reads lanes of its own, all hold the same weights, and the gradients are averaged at every step (Li et al. 2020,
"PyTorch Distributed", section 3). What depends on a clock or on held-out text the first process decides for all.
Knows nothing of what is learnt.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from foretype.model.errors import UserError

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True, slots=True)
class Processes:
    """Say which of how many this process is."""

    rank: int = 0
    count: int = 1

    @property
    def is_first(self) -> bool:
        """Tell whether this process is the one that shows, saves and decides."""
        return self.rank == 0

    def part(self, total: int) -> slice:
        """Return which of `total` lanes are this process's; all parts together are all of them."""
        return slice(self.rank * total // self.count, (self.rank + 1) * total // self.count)

    def lanes(self, total: int) -> int:
        """Return how many of `total` lanes are this process's."""
        mine = self.part(total)
        return int(mine.stop - mine.start)

    def shared(self, module: nn.Module) -> nn.Module:
        """Return `module` such that its gradients are everyone's mean, and its weights the first process's."""
        if self.count == 1:
            return module
        from torch.nn.parallel import DistributedDataParallel

        return DistributedDataParallel(module, gradient_as_bucket_view=True)

    def agreed(self, *values: float) -> tuple[float, ...]:
        """Return what the first process passed; all have to call this at the same point of their work."""
        if self.count == 1:
            return values
        import torch

        found = torch.tensor(values, dtype=torch.float64)
        torch.distributed.broadcast(found, 0)
        return tuple(found.tolist())

    def check_same(self, what: str, value: str) -> None:
        """Raise UserError in a process whose `value` is not the first one's."""
        mine = float(int.from_bytes(hashlib.sha256(value.encode()).digest()[:6]))
        if self.agreed(mine) != (mine,):
            raise UserError(f"process {self.rank} found another {what} than process 0; give all the same folders")


ALONE = Processes()


def of_torchrun() -> Processes:
    """Return which process this is, as torchrun tells by the environment; without it there is but one."""
    return Processes(int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1")))


@contextmanager
def joined(processes: Processes) -> Iterator[Processes]:
    """Connect this process with the others, and part from them at the end."""
    if processes.count == 1:
        yield processes
        return
    import torch

    cards = torch.cuda.is_available()
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
    if cards:
        torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))
    # gloo carries what is agreed on, nccl the gradients of graphics cards
    torch.distributed.init_process_group("cpu:gloo,cuda:nccl" if cards else "gloo")
    try:
        yield processes
    finally:
        torch.distributed.destroy_process_group()
