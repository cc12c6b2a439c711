"""The network: one pass over a text equals any way of cutting it into passes."""

from __future__ import annotations

import pytest
import torch

from foretype.model.config import CELLS, Config
from foretype.model.network import Network, reset

TOLERANCE = 1e-5  # float32 sums in another order

LENGTH = 9


@pytest.fixture(params=CELLS)
def network(request: pytest.FixtureRequest) -> Network:
    torch.manual_seed(1)
    return Network(Config(cell=request.param, n_layer=2, d_model=16, d_embed=8)).eval()


def some_state(network: Network, lanes: int) -> tuple[torch.Tensor, ...]:
    return tuple(torch.randn_like(part) for part in network.zero_state(lanes))


@torch.no_grad()
def test_a_scan_equals_repeated_steps_from_a_state_that_is_not_zero(network: Network) -> None:
    tokens = torch.randint(0, 256, (3, LENGTH))
    state = some_state(network, lanes=3)
    whole, whole_end = network.scan(tokens, state)
    stepped = []
    for position in range(LENGTH):
        logits, state = network.step(tokens[:, position], state)
        stepped.append(logits)
    torch.testing.assert_close(torch.stack(stepped, dim=1), whole, rtol=0, atol=TOLERANCE)
    torch.testing.assert_close(state, whole_end, rtol=0, atol=TOLERANCE)


@torch.no_grad()
@pytest.mark.parametrize("cut", range(1, LENGTH))
def test_a_scan_cut_anywhere_equals_the_whole_scan(network: Network, cut: int) -> None:
    tokens = torch.randint(0, 256, (2, LENGTH))
    state = some_state(network, lanes=2)
    whole, whole_end = network.scan(tokens, state)
    first, between = network.scan(tokens[:, :cut], state)
    second, end = network.scan(tokens[:, cut:], between)
    torch.testing.assert_close(torch.cat([first, second], dim=1), whole, rtol=0, atol=TOLERANCE)
    torch.testing.assert_close(end, whole_end, rtol=0, atol=TOLERANCE)


@torch.no_grad()
def test_a_reset_lane_forgets_and_the_others_do_not(network: Network) -> None:
    state = some_state(network, lanes=2)
    after = reset(state, torch.tensor([True, False]))
    for part, was in zip(after, state, strict=True):
        assert part[0].abs().max() == 0
        torch.testing.assert_close(part[1], was[1])


def test_weights_that_were_taken_out_and_put_back_predict_the_same(network: Network) -> None:
    other = Network(network.config).eval()
    other.load_weights(network.weights())
    tokens = torch.randint(0, 256, (1, LENGTH))
    expected, _ = network.scan(tokens, network.zero_state(1))
    found, _ = other.scan(tokens, other.zero_state(1))
    torch.testing.assert_close(found, expected, rtol=0, atol=0)


def test_a_wrong_shape_dies_at_construction_and_says_what_came() -> None:
    with pytest.raises(ValueError, match="cell must be one of rnn, gru, lstm, got 'qrnn'"):
        Config(cell="qrnn")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="d_model must be a positive whole number, got 0"):
        Config(d_model=0)
    with pytest.raises(ValueError, match="unknown network setting depth"):
        Config.from_json({"depth": 3})
