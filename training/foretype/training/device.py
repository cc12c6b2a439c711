"""Where a network is trained: on the processor, or on a graphics card where there is one."""

from __future__ import annotations

from functools import cache

import torch

from foretype.model.errors import UserError


def device_named(name: str) -> str:
    """Return the device to use; `auto` is the fastest there is, one that is not there raises UserError."""
    cards = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    there = [card for card, is_there in cards.items() if is_there]
    if name == "auto":
        return (*there, "cpu")[0]
    if name not in (*there, "cpu"):
        raise UserError(f"torch finds no {name} here; use --device {', '.join((*there, 'cpu'))}")
    return name


@cache
def fast_bfloat16() -> bool:
    """Tell whether this processor multiplies 16-bit matrices faster than 32-bit ones; others only pretend to."""
    # private names, not in every version of torch
    checks = (getattr(torch.cpu, name, bool) for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported"))
    return any(check() for check in checks)
