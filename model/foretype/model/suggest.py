"""Decide what to offer at a caret: which continuation, how much of it, or nothing.

A continuation is worth its expected saving: P(correct) x (characters - the accepting key) - P(wrong) x the cost of
reading it, P(correct) being calibrated. It is cut where that is highest, at the end of a word, bracket or line, and
offered if the saving exceeds what the user's eagerness asks for. Knows nothing of editors or positions.
"""

from __future__ import annotations

import math
import operator
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from foretype.model.calibration import Look
from foretype.model.decode import Lane, decode
from foretype.model.mixture import Mixture
from foretype.model.reason import Reason
from foretype.model.sampling import Sampling, generator
from foretype.model.secrets import reveals
from foretype.model.session import Session
from foretype.model.tokens import encode
from foretype.model.trim import Place, first_line
from foretype.model.window import NETWORK, Prefix, window

_ACCEPT_KEYS = 1.0
"""What accepting costs, in key presses."""
_READING_COST = 2.0
"""What reading a wrong suggestion costs, in key presses (docs/log.md)."""
_MIDDLING_SAVING = 2.0
"""What is expected of a suggestion that is shown at eagerness 0.5, in key presses."""
_LEAST_PROBABILITY = 0.01
"""What is less likely than this is noise, even when it is asked for."""
_LONGEST_WORD_BYTES = 64
_INDENTED_LINE_END = re.compile(r"\n[ \t]+")
_FIRST_MARK, _JOINERS = "\u0300", "\u200c\u200d"
_GREEDY = Sampling(temperature=0.0)
_LEAST_LANES, _LANES_EACH = 4, 2
"""Continuations that are tried at least, and for every suggestion that is wanted: several often begin alike."""


@dataclass(frozen=True, slots=True)
class SuggestOptions:
    """Say what is wanted of a suggestion; a wrong value raises ValueError at construction."""

    count: int = 1
    """How many different suggestions at most."""
    lanes: int | None = None
    """How many continuations are tried; left out, as many as `count` asks for."""
    max_bytes: int = 48
    """Longest line."""
    lines: int = 1
    """How many lines at most, where nothing stands right of the caret in its own."""
    eagerness: float = 0.5
    """0 speaks only when nearly sure, 1 speaks nearly always."""
    asked: bool = False
    """Whether the user asked by hand; then the best is offered though it may not save a key."""
    sampling: Sampling = field(default_factory=Sampling)
    seed: int = 0
    both_sides: bool = True
    """Whether what stands right of the caret is remembered too, or only trimmed from what is offered."""

    def __post_init__(self) -> None:
        if not 0 <= self.eagerness <= 1:
            raise ValueError(f"eagerness must be between 0 and 1, got {self.eagerness}")
        for name in ("count", "lanes", "max_bytes", "lines"):
            if (value := getattr(self, name)) is not None and value < 1:
                raise ValueError(f"{name} must be at least 1, got {value}")

    @property
    def tried(self) -> int:
        """How many continuations are tried."""
        return max(_LEAST_LANES, _LANES_EACH * self.count) if self.lanes is None else self.lanes

    @property
    def longest(self) -> int:
        """How many bytes a suggestion has at most."""
        return self.max_bytes * self.lines

    @property
    def threshold(self) -> float:
        """The least expected saving, in key presses, that is worth showing: 8 at eagerness 0, 0.5 at 1."""
        return -math.inf if self.asked else _MIDDLING_SAVING * 4.0 ** (1 - 2 * self.eagerness)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Hold one continuation of the line."""

    text: str
    probability: float
    """What the model gives this text, between 0 and 1."""
    confidence: float
    """How often a suggestion like this one proves right."""
    saving: float
    """Expected key presses saved."""
    look: Look
    """What the confidence was drawn from."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Hold suggestions, best first, or none and the reason why."""

    suggestions: tuple[Suggestion, ...] = ()
    reason: Reason | None = None


def suggest(
    session: Session,
    prefix: Prefix,
    suffix: str,
    options: SuggestOptions,
    cancelled: Callable[[], bool] = lambda: False,
    late: Callable[[], bool] = lambda: False,
) -> Answer:
    """Return what to offer between `prefix` and `suffix`, the text right of the caret, in its line and below.

    `cancelled` is asked before each step, and `late`, after which the best that was found so far is offered.
    """
    line, _, below = suffix.partition("\n")
    if not options.asked and _is_word(line[:1]) and _is_word(_last_character(prefix)):
        return Answer(reason=Reason.MID_WORD)
    if cancelled():
        return Answer(reason=Reason.CANCELLED)
    if line.strip():
        options = replace(options, lines=1)
    trust = Trust.at(session, prefix)
    samplings = [_GREEDY, *[options.sampling] * (options.tried - 1)]
    lanes = decode(
        session.open(prefix, suffix if options.both_sides else "", options.tried),
        samplings,
        options.longest,
        generator(options.seed, window(prefix, NETWORK)),
        lambda lanes: cancelled() or late() or _hopeless(lanes, options, trust),
        options.lines,
    )
    if cancelled():
        return Answer(reason=Reason.CANCELLED)
    above, before = _last_lines(prefix)
    place = Place(before, line, above, first_line(below))
    found = [best for lane in lanes if (best := _best_cut(lane, lanes, place, trust)) is not None]
    if not found and all(lane.ended for lane in lanes):
        return Answer(reason=Reason.NOTHING_TO_ADD)
    found.sort(key=lambda one: -_saving(trust.unbiased(one.look), _keys(one.text)))
    if found:
        session.record.note(encode(found[0].text), found[0].confidence)
    answer = _choose(found, options, encode(place.before))
    return Answer(reason=Reason.DEADLINE) if not answer.suggestions and late() else answer


@dataclass(frozen=True, slots=True)
class Trust:
    """Tell how far a probability can be trusted at one caret."""

    mixture: Mixture
    typed: int
    """Characters of the caret's word that stand left of it."""
    known: bool
    """Whether the project is known."""
    bias: float
    """Of the document's record."""

    @classmethod
    def at(cls, session: Session, prefix: Prefix) -> Trust:
        """Return what holds at a caret; the session's record learns what has been typed."""
        session.record.follow(prefix.tail)
        return cls(session.mixture, typed_of_word(prefix), session.knows_project, session.record.bias)

    def look(self, lane: Lane, nbytes: int, length: int, lanes: list[Lane]) -> Look:
        """Return what can be seen of the first `nbytes` of a lane, which are `length` characters."""
        beginning = lane.tokens[:nbytes]
        return Look(
            lane.log_probabilities[nbytes - 1],
            length,
            self.typed,
            self.known,
            sum(other.tokens.startswith(beginning) for other in lanes) / len(lanes),
            min(map(operator.sub, lane.log_probabilities[:nbytes], [0.0, *lane.log_probabilities[: nbytes - 1]])),
            lane is not lanes[0],
        )

    def unbiased(self, look: Look) -> float:
        """Return how often suggestions of this look prove right, in all documents."""
        return self.mixture.confidence(look)

    def confidence(self, look: Look) -> float:
        """Return how often they do in this one."""
        return self.mixture.confidence(look, self.bias)


def _choose(ranked: list[Suggestion], options: SuggestOptions, before: bytes) -> Answer:
    distinct: dict[str, Suggestion] = {}
    for suggestion in ranked:
        distinct.setdefault(suggestion.text, suggestion)
    worthwhile = [
        one for one in distinct.values() if one.saving >= options.threshold and one.probability >= _LEAST_PROBABILITY
    ]
    if not worthwhile:
        return Answer(reason=Reason.BELOW_EAGERNESS)
    harmless = [one for one in worthwhile if not reveals(before, encode(one.text))]
    return Answer(tuple(harmless[: options.count]), None if harmless else Reason.KEY_SHAPED)


def _hopeless(lanes: list[Lane], options: SuggestOptions, trust: Trust) -> bool:
    """Tell whether no lane can still reach the threshold, however it goes on."""
    return options.threshold > 0 and not any(_promises(lane, options, trust) for lane in lanes)


def _promises(lane: Lane, options: SuggestOptions, trust: Trust) -> bool:
    reached = len(lane.tokens)
    lengths = {1, max(1, reached if lane.ended else options.longest)}
    best = max(_hoped(trust, lane.log_probability, length) for length in lengths)
    if _saving(best, max(lengths)) >= options.threshold:
        return True
    # what it has passed may be worth more than where it stands
    return any(
        _saving(_hoped(trust, log, length), length) >= options.threshold
        for length, log in enumerate(lane.log_probabilities, 1)
    )


def _hoped(trust: Trust, log_probability: float, length: int) -> float:
    """Return the confidence if all lanes came to agree."""
    return trust.confidence(Look(log_probability, length, trust.typed, trust.known, weakest=log_probability / length))


def _best_cut(lane: Lane, lanes: list[Lane], place: Place, trust: Trust) -> Suggestion | None:
    """Return the beginning of a lane that should save most; the document's record has no say in where it ends."""
    text = lane.tokens.decode()
    usable = place.usable(text)
    best: tuple[float, int, Look] | None = None
    for length, nbytes in _cuts(text[: len(usable) + 1], lane):
        if length > len(usable) or not usable[:length].strip() or not place.may_end(usable[:length]):
            continue
        look = trust.look(lane, nbytes, length, lanes)
        saving = _saving(trust.unbiased(look), _keys(usable[:length]))
        if best is None or saving > best[0]:
            best = saving, length, look
    if best is None:
        return None
    _, length, look = best
    confidence = trust.confidence(look)
    text, saving = usable[:length], _saving(confidence, _keys(usable[:length]))
    return Suggestion(text, math.exp(look.log_probability), confidence, saving, look)


def _cuts(text: str, lane: Lane) -> Iterator[tuple[int, int]]:
    """Yield the length in characters and in bytes for each place where `text` may end."""
    taken = 0
    for index, character in enumerate(text):
        taken += len(encode(character))
        if not character.isspace() and not _is_inside(character, text[index + 1 : index + 2], lane.ended):
            yield index + 1, taken


def _is_inside(character: str, following: str, ended: bool) -> bool:
    """Tell whether the text between two characters is within a word or within what is shown as one character.

    What has nothing behind it, but has not ended, may go on.
    """
    if not following:
        return not ended and (_is_word(character) or character >= _FIRST_MARK)
    return _goes_on(following) or character in _JOINERS or (_is_word(character) and _is_word(following))


def _saving(probability: float, keys: int) -> float:
    return probability * (keys - _ACCEPT_KEYS) - (1 - probability) * _READING_COST


def _keys(text: str) -> int:
    """Return how many keys type a text: a line end brings the indentation after it."""
    return len(_INDENTED_LINE_END.sub("\n", text)) if "\n" in text else len(text)


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_" or _goes_on(character)


def _goes_on(character: str) -> bool:
    """Tell whether a character is part of the one before it (an accent, a vowel sign) or joins it with the next."""
    return character >= _FIRST_MARK and (unicodedata.category(character)[0] == "M" or character in _JOINERS)


def typed_of_word(prefix: Prefix) -> int:
    """Return how many characters of the caret's word stand left of it."""
    text = prefix.tail[-_LONGEST_WORD_BYTES:].decode("utf-8", "ignore")
    return next((typed for typed, character in enumerate(reversed(text)) if not _is_word(character)), len(text))


def _last_lines(prefix: Prefix) -> tuple[str, str]:
    """Return the nearest line above the caret's that is not blank, and the caret's up to the caret."""
    start = prefix.tail.rfind(b"\n") + 1
    above = prefix.tail[:start].rstrip()
    above = above[above.rfind(b"\n") + 1 :]
    return above.decode("utf-8", "ignore"), prefix.tail[start:].decode("utf-8", "ignore")


def _last_character(prefix: Prefix) -> str:
    return prefix.tail[-4:].decode("utf-8", "ignore")[-1:]
