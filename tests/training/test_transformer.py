"""The transformer that the network is compared with: causal, and the same in pieces as in one."""

from __future__ import annotations

import torch

from foretype.training.transformer import Transformer


def tokens(length: int) -> torch.Tensor:
    return torch.randint(0, 256, (2, length), generator=torch.Generator().manual_seed(0))


@torch.no_grad()
def test_what_comes_later_changes_nothing() -> None:
    model = Transformer(2, 32, 2).eval()
    text = tokens(40)
    logits, _ = model.scan(text, model.zero_state(2))
    early, _ = model.scan(text[:, :25], model.zero_state(2))
    torch.testing.assert_close(logits[:, :25], early)


@torch.no_grad()
def test_a_text_read_in_pieces_gives_what_it_gives_in_one() -> None:
    model = Transformer(2, 32, 2, context=64).eval()
    text = tokens(48)
    whole, _ = model.scan(text, model.zero_state(2))
    state, pieces = model.zero_state(2), []
    for start in range(0, 48, 16):
        logits, state = model.scan(text[:, start : start + 16], state)
        pieces.append(logits)
    torch.testing.assert_close(torch.cat(pieces, dim=1), whole)


@torch.no_grad()
def test_the_order_of_what_was_read_matters() -> None:
    model = Transformer(2, 32, 2).eval()
    text = tokens(20)
    swapped = text[:, [1, 0, *range(2, 20)]]
    one, _ = model.scan(text, model.zero_state(2))
    other, _ = model.scan(swapped, model.zero_state(2))
    assert not torch.allclose(one[:, -1], other[:, -1])


@torch.no_grad()
def test_a_block_attends_once() -> None:
    model = Transformer(1, 32, 2).eval()
    calls: list[int] = []
    model.get_submodule("blocks.0.merge").register_forward_hook(lambda *_: calls.append(1))
    model.scan(tokens(8), model.zero_state(2))
    assert calls == [1]
