"""Messages of every method of LSP, drawn at random from its model as lsprotocol has it, right ones and wrong ones."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

import attrs
from lsprotocol import types
from pygls.protocol import default_converter

Json = dict[str, Any]

_DEEPEST = 6
"""From here on what may be missing is: the model leads back to itself."""
_WORDS = ("", "a", "file:///project/names.py", "naïve 😀", "\u2028", "x" * 300)
_NUMBERS = (0, 1, 7, 2**16, 2**31 - 1)
_OTHERS: tuple[Any, ...] = (None, True, -1, 2**40, 1.5, "x", [], [[]], {}, {"a": {}}, [None], 10**400)
"""What stands in the place of something right."""


def drawn(kind: Literal["request", "notification"], each: int, seed: int = 0) -> Iterator[tuple[bool | None, Json]]:
    """Yield `each` right messages of every method, each with a wrong one made of it, and whether they are valid.

    None says that it was damaged somewhere, which may or may not matter.
    """
    draws = random.Random(seed)
    for message_type, response_type, *_ in types.METHOD_TO_TYPES.values():
        if (response_type is None) != (kind == "notification"):
            continue
        for _ in range(each):
            right = _converter().unstructure(_value(message_type, draws, 0), unstructure_as=message_type)
            yield True, right
            yield None, _damaged(right, draws)
            yield False, _without_envelope(right, draws)


@cache
def _converter() -> Any:
    return default_converter()  # type: ignore[no-untyped-call]  # pygls leaves it untyped


def _value(kind: Any, draws: random.Random, depth: int) -> Any:
    """Return a value of a type as lsprotocol annotates it."""
    origin, parts = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        scarce = depth >= _DEEPEST or draws.random() < 0.5
        choices = [NoneType] if NoneType in parts and scarce else [part for part in parts if part is not NoneType]
        return _value(draws.choice(choices), draws, depth + 1)
    if origin is Literal:
        return parts[0]
    if origin is tuple:
        return tuple(_value(part, draws, depth + 1) for part in parts)
    if origin is not None and issubclass(origin, Mapping):
        return {_value(parts[0], draws, depth): _value(parts[1], draws, depth + 1) for _ in range(draws.randrange(2))}
    if origin is not None and issubclass(origin, Sequence):
        count = 0 if depth >= _DEEPEST else draws.randrange(3)
        return [_value(parts[0], draws, depth + 1) for _ in range(count)]
    return _plain(kind, draws, depth)


def _plain(kind: Any, draws: random.Random, depth: int) -> Any:
    if kind is NoneType:
        return None
    if kind is str:
        return draws.choice(_WORDS)
    if kind is bool:
        return draws.random() < 0.5
    if kind is int:
        return draws.choice(_NUMBERS)
    if kind is float:
        return draws.random()
    if isinstance(kind, type) and issubclass(kind, Enum):
        return draws.choice(list(kind))
    if attrs.has(kind):
        attrs.resolve_types(kind, vars(types))
        return kind(**{one.name: _value(one.type, draws, depth + 1) for one in attrs.fields(kind) if _is_drawn(one)})
    return draws.choice([None, 1, "x", [1], {"a": 1}])  # anything at all


def _is_drawn(field: attrs.Attribute[Any]) -> bool:
    return field.default is None or field.default is attrs.NOTHING  # any other is the only value there is


def _damaged(message: Json, draws: random.Random) -> Json:
    """Return a copy in which something is something else, or missing."""
    copy: Json = json.loads(json.dumps(message))
    inner = _inner(copy)
    place, key = draws.choice(inner[1:] or inner)
    if draws.random() < 0.3:
        del place[key]
    else:
        place[key] = draws.choice(_OTHERS)
    return copy


def _inner(value: Any) -> list[tuple[Any, Any]]:
    """Return every place in a value: what holds it, and its key there."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    return [place for key in keys for place in [(value, key), *_inner(value[key])]]


def _without_envelope(message: Json, draws: random.Random) -> Json:
    """Return a copy that is no message of JSON-RPC 2.0."""
    wrong: list[Json] = [{"jsonrpc": "1.0"}, {"jsonrpc": None}, {"jsonrpc": 2.0}, {"method": 1}, {"method": None}]
    return {**message, **draws.choice(wrong)}
