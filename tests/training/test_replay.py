"""A history typed again: with what was known then, and nothing that came later."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.training.repository import History, needs_git

from foretype.model import forgotten, mixture
from foretype.model.memory import Memory
from foretype.model.registry import Registry
from foretype.model.sources import Sources
from foretype.model.suggest import SuggestOptions
from foretype.training import replay
from foretype.training.git import Repository
from foretype.training.past import Past
from foretype.training.replay import Replay, ReplayConfig, Replayed, Today

pytestmark = needs_git

PATTERN = (
    "def test_measurement_of_{0}(registry, weather_station):\n"
    "    registry.register_measurement(weather_station, name='{0}', interval_seconds=300)\n"
    "    assert registry.find_measurement('{0}').interval_seconds == 300\n\n\n"
)
UNLIKE = (
    "import zlib\n\nBLOCK = 1 << 14\n\n\nclass Squeezer:\n"
    "    def feed(self, chunk):\n        return zlib.compress(chunk)\n"
)


@pytest.fixture
def history(tmp_path: Path, registry: Registry) -> History:  # noqa: ARG001  # nobody's own data directory
    return History(tmp_path / "repository")


def texts(found: Memory) -> dict[str, bytes]:
    return {key: text for part in found.parts for key, text in part.texts()}


def typed(history: History, learnt_from: Sources | None = None, **config: object) -> tuple[list[Replayed], Replay]:
    """Replay with the memories alone: what is tested is what they know, and a network would only cost time."""
    with Repository(history.folder) as repository:
        replaying = Replay(repository, ReplayConfig(**config))  # type: ignore[arg-type]
        sources = learnt_from or Sources(complete=True)
        return list(replaying.run(Today(None, mixture.shipped(), SuggestOptions(), sources))), replaying


def test_what_repeats_a_pattern_of_an_earlier_commit_is_saved_and_what_is_new_is_not(history: History) -> None:
    history.commit({"test_wind.py": "".join(map(PATTERN.format, ("wind", "rain", "snow")))})
    history.commit({"test_sun.py": PATTERN.format("sunshine")})
    history.commit({"squeeze.py": UNLIKE})
    _, repeated, new = typed(history)[0]
    assert repeated.outcome.tally.saved_share > 0.5
    assert new.outcome.tally.saved_share < 0.2
    assert repeated.outcome.bits / repeated.outcome.nbytes < new.outcome.bits / new.outcome.nbytes / 2
    assert new.outcome.tally.characters <= len(UNLIKE)


def test_a_commit_never_sees_what_only_later_ones_have(history: History, tmp_path: Path) -> None:
    names = [
        history.commit({"early.py": "value = 1\n", "stays.py": "x = 1\n"}),
        history.commit({"later.py": "zanzibar_marker = 7351\n", "early.py": "value = 2\n"}),
        history.commit({"early.py": None, "last.py": "zanzibar_marker = zanzibar_marker\n"}),
    ]
    with Repository(history.folder) as repository:
        past = Past(repository, "", tmp_path)
        assert texts(past.go_to(repository.empty_tree)) == {}
        assert texts(past.go_to(names[0])) == {"early.py": b"value = 1\n", "stays.py": b"x = 1\n"}
        assert texts(past.go_to(names[1]))["early.py"] == b"value = 2\n"
        assert texts(past.go_to(names[2])).keys() == {"later.py", "last.py", "stays.py"}
        assert texts(past.go_to(names[0])) == {"early.py": b"value = 1\n", "stays.py": b"x = 1\n"}


def test_what_a_later_commit_brings_changes_nothing_of_what_an_earlier_one_costs(history: History) -> None:
    history.commit({"test_wind.py": PATTERN.format("wind")})
    history.commit({"test_sun.py": PATTERN.format("sunshine")})
    before = [(one.outcome.bits, one.outcome.tally.keys) for one in typed(history)[0]]
    history.commit({"copy.py": PATTERN.format("sunshine") * 2})
    after = [(one.outcome.bits, one.outcome.tally.keys) for one in typed(history)[0]]
    assert after[:2] == before


def test_files_become_folders_and_ignore_rules_and_forgotten_files_are_heeded(
    history: History, tmp_path: Path, registry: Registry
) -> None:
    first = history.commit(
        {"thing": "a file\n", "made/out.py": "made = 1\n", "private.py": "mine = 1\n", ".env": "A=b\n"}
    )
    second = history.commit({"thing": None})
    third = history.commit({"thing/inside.py": "x = 1\n", ".gitignore": "made/\n"})
    forgotten.add(registry.root, {history.folder / "private.py": frozenset()})
    with Repository(history.folder) as repository:
        past = Past(repository, "", tmp_path)
        assert texts(past.go_to(first)).keys() == {"thing", "made/out.py"}
        assert texts(past.go_to(second)).keys() == {"made/out.py"}
        assert texts(past.go_to(third)).keys() == {"thing/inside.py", ".gitignore"}
        assert past.is_off_limits("made/out.py")
        assert past.is_off_limits("private.py")
        assert not past.is_off_limits("thing/inside.py")
        assert texts(past.go_to(first)).keys() == {"thing", "made/out.py"}


def test_only_a_folder_of_a_repository_can_be_typed_again(history: History) -> None:
    history.commit({"inner/a.py": PATTERN.format("wind"), "outer.py": PATTERN.format("sunshine")})
    history.commit({"inner/b.py": PATTERN.format("rain")})
    history.commit({"outer.py": UNLIKE})
    found, replaying = typed(history, folder="inner/")
    assert len(found) == len(replaying.chosen) == 2
    assert replaying.considered == 3


def test_a_moved_file_does_not_answer_under_its_old_name(history: History) -> None:
    line = "zanzibar_settlement_of_the_heirs = account(7351)\n"
    history.commit({"a.py": UNLIKE + "".join(f"value_{n} = {n}\n" for n in range(20)) + line})
    history.git("mv", "a.py", "b.py")
    text = (history.folder / "b.py").read_text().replace(line, "").replace("import zlib", line + "import zlib")
    history.commit({"b.py": text})
    moved = typed(history)[0][-1]
    history.commit({"c.py": line})
    copied = typed(history)[0][-1]
    assert copied.outcome.tally.saved_share > moved.outcome.tally.saved_share


def test_as_many_commits_as_asked_for_are_chosen_from_the_weeks_asked_for(history: History) -> None:
    for number in range(8):
        history.commit({f"a_{number}.py": f"number_of_this_file = {number}\n"}, days=7)
    everything, _ = typed(history)
    assert [one.week for one in everything] == [f"2026-W{week}" for week in range(23, 31)]
    some, replaying = typed(history, max_commits=3)
    assert len(some) == 3
    assert replaying.considered == 8
    assert [one.week for one in some] == sorted(one.week for one in some)
    assert [one.commit for one in some] == [one.commit for one in typed(history, max_commits=3)[0]]
    assert [one.commit for one in some] != [one.commit for one in typed(history, max_commits=3, seed=5)[0]]
    assert [one.week for one in typed(history, weeks=2)[0]] == ["2026-W29", "2026-W30"]


def test_the_interval_holds_the_share_that_was_saved_and_the_groups_make_up_the_whole(history: History) -> None:
    for name in ("wind", "rain", "snow", "hail"):
        history.commit({f"{name}.py": PATTERN.format(name), f"{name}.md": f"# On measuring {name}\n"})
    found, _ = typed(history)
    whole = replay.total(found)
    low, high = replay.saved_interval(found)
    assert low <= whole.tally.saved_share <= high
    languages = replay.grouped(found, lambda one: one.language)
    assert list(languages) == ["markdown", "python"]
    assert sum(replay.total(rows).tally.characters for rows in languages.values()) == whole.tally.characters


def test_a_network_that_has_learnt_from_the_repository_is_known_wherever_it_was_then(
    history: History, tmp_path: Path
) -> None:
    history.commit({"a.py": UNLIKE})
    history.commit({"b.py": PATTERN.format("wind")})
    elsewhere = tmp_path / "elsewhere.py"
    for learnt_from, known in (
        (Sources(complete=True), False),
        (Sources(), None),
        (Sources.of([(history.folder / "a.py", b"an older text")], []), True),
        (Sources.of([(elsewhere, UNLIKE.encode())], []), True),
        (Sources.of([(elsewhere, b"something else")], []), False),
    ):
        assert typed(history, learnt_from)[1].knew_network is known
