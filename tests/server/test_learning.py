"""Learning in the background: begun in idle time, paused at the first key, gone on with later, never twice at once."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from foretype.server.learning import Learning, Wish

# Writes down how it was called and what it is told; ends like a run that was interrupted, or at once as `code` says.
STAND_IN = """
import sys
code, told, *arguments = sys.argv[1:]
with open(told, "a") as file:
    print("begun", *arguments, file=file, flush=True)
    if code != "-1":
        print("it has failed", file=sys.stderr)
        sys.exit(int(code))
    for line in sys.stdin:
        print(line.strip(), file=file, flush=True)
    print("ended", file=file, flush=True)
sys.exit(130)
"""


class Desk:
    """Hold a learning whose clock and battery the test moves."""

    def __init__(self, folder: Path, code: int = -1) -> None:
        self.data = folder / "data"
        self.project = folder / "project"
        self.project.mkdir(exist_ok=True)
        self.others: list[Path] = []
        self.told_path = folder / "told"
        self.now = 0.0
        self.on_battery = False
        script = folder / "stand_in.py"
        script.write_text(STAND_IN)
        command = (sys.executable, str(script), str(code), str(self.told_path))
        self.learning = Learning(self.data, lambda: self.on_battery, command, lambda: self.now)

    def told(self) -> list[str]:
        return self.told_path.read_text().splitlines() if self.told_path.exists() else []

    def tick(self, seconds: float = 0.0, *, allowed: bool = True) -> None:
        self.now += seconds
        self.learning.tick(Wish(allowed, 5.0, [self.project, *self.others]))

    def rests(self) -> bool:
        self.tick()
        return self.learning.state == "resting"

    def begin(self) -> None:
        self.learning.file_changed()
        self.tick(1000)
        self.wait(lambda: bool(self.told()))

    def wait(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 30
        while not condition():
            assert time.monotonic() < deadline, self.told()
            time.sleep(0.01)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    end(desk)


def end(desk: Desk) -> None:
    desk.learning.stop()

    def is_over() -> bool:
        desk.tick(allowed=False)
        return desk.learning.state == "resting"

    desk.wait(is_over)


def test_a_run_begins_only_when_something_was_saved_and_nobody_has_typed_for_a_while(desk: Desk) -> None:
    desk.tick(1000)
    assert desk.learning.state == "resting"
    desk.learning.file_changed()
    desk.learning.touch()
    desk.tick(1)
    assert desk.learning.state == "resting"
    desk.tick(1000)
    assert desk.learning.state == "learning"
    desk.wait(lambda: bool(desk.told()))
    assert desk.told()[0] == f"begun {desk.project} --minutes 5 --controlled --json"


def test_a_folder_that_is_gone_keeps_no_other_from_being_learnt(desk: Desk) -> None:
    desk.others = [desk.project.with_name("moved")]
    desk.begin()
    assert desk.told()[0] == f"begun {desk.project} --minutes 5 --controlled --json"


def test_nothing_begins_where_every_folder_is_gone(desk: Desk) -> None:
    desk.project.rmdir()
    desk.learning.file_changed()
    desk.tick(1000)
    assert desk.learning.state == "resting"


@pytest.mark.parametrize("hindrance", ["battery", "not allowed"])
def test_no_run_begins_on_battery_or_without_leave(desk: Desk, hindrance: str) -> None:
    desk.on_battery = hindrance == "battery"
    desk.learning.file_changed()
    desk.tick(1000, allowed=hindrance != "not allowed")
    assert desk.learning.state == "resting"


def test_typing_pauses_the_run_at_once_and_idleness_lets_it_go_on(desk: Desk) -> None:
    desk.begin()
    desk.learning.touch()
    assert desk.learning.state == "paused"
    desk.learning.touch()
    desk.wait(lambda: desk.told()[1:] == ["pause"])
    desk.tick(1)
    assert desk.learning.state == "paused"
    desk.tick(1000)
    assert desk.learning.state == "learning"
    desk.wait(lambda: desk.told()[1:] == ["pause", "go"])


def test_a_run_pauses_while_the_machine_is_on_battery(desk: Desk) -> None:
    desk.begin()
    desk.on_battery = True
    desk.tick(5)
    assert desk.learning.state == "paused"
    desk.on_battery = False
    desk.tick(5)
    assert desk.learning.state == "learning"
    desk.wait(lambda: desk.told()[1:] == ["pause", "go"])


def test_a_run_that_could_not_begin_keeps_no_other_server_from_learning(desk: Desk, tmp_path: Path) -> None:
    (desk.data / "training" / "background.log").mkdir(parents=True)  # as good as a full disk
    desk.learning.file_changed()
    with pytest.raises(OSError, match="background"):
        desk.tick(1000)
    (desk.data / "training" / "background.log").rmdir()
    other = Desk(tmp_path)
    other.begin()
    assert other.learning.state == "learning"
    end(other)


def test_taking_back_the_leave_ends_the_run_and_giving_it_again_goes_on_with_it(desk: Desk) -> None:
    desk.begin()
    (desk.data / "training" / "default.safetensors").write_bytes(b"saved")
    end(desk)
    assert desk.told()[-1] == "ended"
    desk.tick(1000)
    desk.wait(lambda: len(desk.told()) == 3)
    assert desk.told()[-1].endswith("--resume")


def test_two_servers_of_one_user_never_learn_at_once(desk: Desk, tmp_path: Path) -> None:
    desk.begin()
    other = Desk(tmp_path)
    other.learning.file_changed()
    other.tick(1000)
    assert other.learning.state == "resting"
    end(desk)
    other.tick(1000)
    assert other.learning.state == "learning"
    end(other)


def test_a_run_that_came_to_an_end_is_not_repeated_before_long(tmp_path: Path) -> None:
    desk = Desk(tmp_path, code=0)
    desk.begin()
    desk.wait(desk.rests)
    desk.learning.file_changed()
    desk.tick(1000)
    assert desk.learning.state == "resting"
    assert len(desk.told()) == 1


def test_a_run_that_fails_is_told_in_one_line_of_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    desk = Desk(tmp_path, code=2)
    desk.begin()
    desk.wait(desk.rests)
    assert "learning in the background failed: it has failed" in caplog.text


def test_a_damaged_record_counts_as_none(desk: Desk) -> None:
    (desk.data / "training").mkdir(parents=True)
    (desk.data / "training" / "background.json").write_text("[1, 2")
    desk.begin()
    assert desk.learning.state == "learning"
