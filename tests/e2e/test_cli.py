"""The command line: what is promised on stdout, one line on stderr for a mistake, and the right exit code."""

from __future__ import annotations

import getpass
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.conftest import write_project

from foretype.model.registry import Registry
from foretype.training.lsp_client import LspClient


def foretype(*arguments: str | int | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "foretype.server", *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", env={**os.environ, **environment}, check=False
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a folder with a few real files."""
    return write_project(tmp_path / "project", 4)


def assert_refused(result: subprocess.CompletedProcess[str], *words: str) -> None:
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    for word in words:
        assert word in result.stderr


def test_help_lists_every_command_without_loading_it() -> None:
    result = foretype("--help")
    assert result.returncode == 0
    for command in ("serve", "train", "complete", "generate", "score"):
        assert command in result.stdout


def test_training_learns_promotes_and_reports_json(registry: Registry, project: Path) -> None:
    result = foretype("train", project, "--epochs", 3, "--hidden", "16", "--layers", "1", "--json")
    assert result.returncode == 0, result.stderr
    report = json.loads(result.stdout)
    assert set(report) == {"name", "version", "promoted", "serves", "memory", "held_out", "generic", "seconds"}
    assert report["generic"] is None
    assert report["promoted"] is True
    assert report["held_out"]["after"] < report["held_out"]["before"]
    assert set(report["memory"]) == {"bytes", "seconds"}
    assert registry.promoted("default") == report["version"]
    assert report["serves"] is False
    assert "base goes on serving" in result.stderr
    assert registry.find().folder.name == "base"
    assert "100%" in result.stderr


@pytest.mark.skipif(os.name == "nt", reason="Windows sends no SIGINT to one process")
def test_an_interrupted_training_leaves_with_130_and_goes_on_when_asked_to(registry: Registry, project: Path) -> None:
    train = [sys.executable, "-m", "foretype.server", "train", str(project), "--minutes", "5", "--hidden", "16"]
    process = subprocess.Popen(train, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    while " left" not in process.stderr.readline():  # a busy machine is told of with a share as well
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, rest = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "interrupted; go on with --resume" in rest
    assert "Traceback" not in rest
    assert registry.names() == []
    assert_refused(foretype("train", project, "--resume", "--seed", "3"), "has seed 0; leave out --seed")
    assert_refused(foretype("train", project, "--resume", "--from", "base"), "began from scratch; leave out --from")
    resumed = foretype("train", project, "--resume", "--minutes", "0.02", "--seed", "0")
    assert resumed.returncode == 0, resumed.stderr
    assert "resuming after step" in resumed.stderr
    assert registry.names() == ["default"]


def test_after_going_back_to_the_base_a_model_can_be_trained_again(registry: Registry, project: Path) -> None:
    train = ("train", project, "--epochs", "0.01", "--json")
    assert json.loads(foretype(*train).stdout)["name"] == "default"
    assert foretype("models", "use", "base").returncode == 0
    again = foretype(*train)
    assert again.returncode == 0, again.stderr
    assert (json.loads(again.stdout)["name"], registry.versions("default")) == ("default", ["0001", "0002"])


def test_the_demo_learns_serves_and_types_a_held_out_file(registry: Registry, project: Path) -> None:
    result = foretype("demo", project, "--minutes", "0.05", "--characters", "80", "--eagerness", "1")
    assert result.returncode == 0, result.stderr
    assert "(not learnt from), first 80 characters" in result.stdout
    assert "characters saved" in result.stdout
    assert "p99" in result.stdout
    assert registry.names() == ["demo"]
    assert registry.current_name() is None, "a network of three minutes takes the base's place"
    assert foretype("stats", "--json").returncode == 0
    assert json.loads(foretype("stats", "--json").stdout)["total"]["shown"] == 0


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_every_cell_can_be_trained_and_served(registry: Registry, project: Path, cell: str) -> None:
    trained = foretype("train", project, "--epochs", 1, "--cell", cell, "--hidden", "16", "--name", cell)
    assert trained.returncode == 0, trained.stderr
    assert foretype("generate", "--length", "5", "--model", cell).returncode == 0
    assert registry.current_name() is None, "what learnt for a moment takes the base's place"
    assert foretype("models", "use", cell).returncode == 0
    assert foretype("generate", "--length", "5").returncode == 0


def test_complete_reports_items_reason_and_time(tiny_registry: Registry, project: Path) -> None:
    result = foretype("complete", f"{project / 'names_0.py'}:2:9", "-n", "3", "--seed", "1", "--json")
    assert result.returncode == 0, result.stderr
    report = json.loads(result.stdout)
    assert set(report) == {"items", "reason", "elapsed_ms"}
    assert report["items"] or report["reason"]
    for item in report["items"]:
        assert set(item) == {"text", "probability", "confidence", "source"}
        assert 0 <= item["probability"] <= 1
    again = foretype("complete", f"{project / 'names_0.py'}:2:9", "-n", "3", "--seed", "1", "--json")
    assert json.loads(again.stdout)["items"] == report["items"]
    assert tiny_registry.current_name() == "tiny"


@pytest.mark.parametrize("count", [3, 8])
def test_complete_prints_what_the_server_answers_at_the_same_place(
    registry: Registry, tmp_path: Path, count: int
) -> None:
    file = tmp_path / "visit.py"
    text = "def visit(names):\n    for name in names:\n        "
    file.write_bytes(b"\xef\xbb\xbf" + text.encode())  # an editor's document begins behind the mark
    with LspClient() as client:
        client.initialize(options={"candidates": count, "ledger": False, "deadlineMs": 60_000})
        document = {"uri": file.as_uri(), "languageId": "python", "version": 1, "text": text}
        client.notify("textDocument/didOpen", {"textDocument": document})

        def answered(line: int, column: int) -> list[str]:
            place = {"line": line, "character": column}
            ask = {"textDocument": {"uri": file.as_uri()}, "position": place, "context": {"triggerKind": 1}}
            items = client.request("textDocument/inlineCompletion", ask)["result"]["items"]
            return [item["insertText"] for item in items]

        deadline = time.monotonic() + 60
        while not answered(2, 8):
            assert time.monotonic() < deadline, "the model is not there after a minute"
        for line, column in ((2, 8), (1, 8), (0, 5)):
            printed = foretype("complete", f"{file}:{line + 1}:{column + 1}", "-n", count, "--json")
            assert answered(line, column) == [one["text"] for one in json.loads(printed.stdout)["items"]]
        assert client.close() == 0
    assert registry.names() == []


def test_before_training_the_base_model_and_the_memories_answer(registry: Registry, project: Path) -> None:
    new = project / "new.py"
    new.write_text("def visit(na", encoding="utf-8")
    report = json.loads(foretype("complete", new, "--project", project, "--json").stdout)
    item = report["items"][0]
    assert item["text"].startswith("mes: list[")
    line = (project / item["source"]["file"]).read_text(encoding="utf-8").split("\n")[item["source"]["line"] - 1]
    assert "def visit(na" + item["text"] in line
    assert registry.names() == []


def test_a_file_does_not_answer_from_its_own_indexed_copy(registry: Registry, project: Path) -> None:
    alone = project / "alone.py"
    alone.write_text("".join(f"{number * number * 7919}\n" for number in range(200)), encoding="utf-8")
    known = json.loads(foretype("score", alone, "--project", project, "--json").stdout)["bits_per_byte"]
    unknown = json.loads(foretype("score", alone, "--project", project, "--without", "memory", "--json").stdout)
    assert known > 0.8 * unknown["bits_per_byte"]
    assert registry.names() == []


def test_minutes_0_builds_the_memory_alone(registry: Registry, project: Path) -> None:
    result = foretype("train", project, "--minutes", "0", "--json")
    assert result.returncode == 0, result.stderr
    report = json.loads(result.stdout)
    assert set(report) == {"name", "version", "promoted", "serves", "memory", "held_out", "seconds"}
    assert report["memory"]["bytes"] == sum(path.stat().st_size for path in project.iterdir())
    assert registry.names() == []


@pytest.mark.parametrize("expert", ["rnn", "memory", "document"])
def test_every_expert_is_worth_something(tiny_registry: Registry, project: Path, expert: str) -> None:
    file = project / "names_0.py"
    whole = json.loads(foretype("score", file, "--project", project, "--json").stdout)["bits_per_byte"]
    rest = foretype("score", file, "--project", project, "--without", expert, "--json")
    assert json.loads(rest.stdout)["bits_per_byte"] != whole
    assert tiny_registry.current_name() == "tiny"


def test_score_reports_each_file_and_the_mean_over_all_bytes(tiny_registry: Registry, project: Path) -> None:
    paths = sorted(project.iterdir())[:2]
    paths[1].write_text("x = 1\n")
    report = json.loads(foretype("score", *paths, "--json").stdout)
    assert [row["path"] for row in report["files"]] == [str(path) for path in paths]
    assert [row["bytes"] for row in report["files"]] == [path.stat().st_size for path in paths]
    total = sum(row["bytes"] * row["bits_per_byte"] for row in report["files"])
    assert report["bits_per_byte"] == pytest.approx(total / sum(row["bytes"] for row in report["files"]), abs=1e-5)
    assert tiny_registry.current_name() == "tiny"


def test_eval_reports_bits_beside_baselines_and_typing(tiny_registry: Registry, project: Path) -> None:
    result = foretype("eval", project, "--characters", "60", "--json")
    assert result.returncode == 0, result.stderr
    report = json.loads(result.stdout)
    assert report["held_out"]["files"] + report["known"]["files"] == 4
    bits = report["bits_per_byte"]
    assert set(bits) == {
        *("foretype", "without_rnn", "without_memory", "without_document", "memory_alone", "rnn_alone"),
        *("ppmd_16", "ppmd_8", "xz", "markov_6"),
    }
    for row in bits.values():
        assert row["interval"][0] - 1e-4 <= row["mean"] <= row["interval"][1] + 1e-4
    assert bits["foretype"]["mean"] < bits["rnn_alone"]["mean"]
    typists = [(row["eagerness"], row["accepted_by"]) for row in report["typing"]]
    assert typists == [(0.25, "whole"), (0.5, "whole"), (0.75, "whole"), (0.5, "words")]
    assert tiny_registry.current_name() == "tiny"


def test_models_are_listed_chosen_rolled_back_and_removed(tiny_registry: Registry) -> None:
    listed = json.loads(foretype("models", "list", "--json").stdout)
    assert listed["current"] == "tiny"
    assert [row["name"] for row in listed["models"]] == ["base", "tiny"]
    assert [row["current"] for row in listed["models"]] == [False, True]
    assert [row["unit"] for row in listed["models"]] == ["byte", "byte"]
    assert "* tiny" in foretype("models").stdout
    assert foretype("models", "use", "base").returncode == 0
    assert tiny_registry.find().folder.name == "base"
    assert_refused(foretype("models", "rollback", "tiny"), "no version before")
    assert_refused(foretype("models", "use", "unheard-of"), "no model named")
    assert_refused(foretype("models", "use", tiny_registry.root / "models/tiny/0001"), "a model's name is made of")
    assert tiny_registry.current_name() == "base"
    assert foretype("models", "rm", "tiny").returncode == 0
    assert tiny_registry.names() == []


def test_what_was_done_with_models_is_told_as_json(tiny_registry: Registry) -> None:
    second = shutil.copytree(tiny_registry.find().folder, tiny_registry.root / "models/tiny/0002")
    tiny_registry.promote("tiny", second.name)

    def said(*arguments: str) -> dict[str, str | None]:
        found: dict[str, str | None] = json.loads(foretype("models", *arguments, "--json").stdout)
        return found

    assert said("rollback") == {"name": "tiny", "version": "0001", "current": "tiny"}
    assert said("rm", "tiny", "0002") == {"name": "tiny", "version": "0002", "current": "tiny"}
    assert said("use", "base") == {"name": "base", "version": None, "current": "base"}
    assert said("use", "tiny") == {"name": "tiny", "version": "0001", "current": "tiny"}
    assert said("rm", "tiny") == {"name": "tiny", "version": None, "current": "base"}


def test_generate_writes_the_prompt_and_as_many_characters_as_asked_for(tiny_registry: Registry) -> None:
    result = foretype("generate", "--prompt", "def é", "--length", "20", "--temperature", "1.8", "--seed", "3")
    assert result.returncode == 0
    assert result.stdout.startswith("def é")
    assert len(result.stdout) == len("def é") + 20 + 1
    assert tiny_registry.current_name() == "tiny"


def test_what_the_output_cannot_encode_is_spelt(tiny_registry: Registry, project: Path) -> None:
    file = project / "日本.py"
    file.write_text("value = 1\n")
    result = foretype("score", file, PYTHONIOENCODING="cp1252")
    assert (result.returncode, result.stderr) == (0, "")
    assert "\\u65e5\\u672c.py" in result.stdout
    assert tiny_registry.current_name() == "tiny"


def test_a_sweep_of_temperatures_shows_what_each_writes_by_itself_with_the_same_seed(tiny_registry: Registry) -> None:
    common = ("generate", "--prompt", "def ", "--length", "30", "--seed", "7")
    swept = json.loads(foretype(*common, "--temperature", "0,0.5,2", "--json").stdout)
    assert [sample["temperature"] for sample in swept["samples"]] == [0, 0.5, 2]
    assert (swept["prompt"], swept["seed"]) == ("def ", 7)
    for sample in swept["samples"]:
        alone = foretype(*common, "--temperature", sample["temperature"]).stdout
        assert alone == f"def {sample['text']}\n"
    columns = foretype(*common, "--temperature", "0,0.5,2", COLUMNS="120").stdout
    assert columns.splitlines()[0].split("  ")[0] == "T = 0"
    assert columns.splitlines()[2].count("def ") == 3
    assert max(map(len, columns.splitlines())) <= 120
    assert tiny_registry.current_name() == "tiny"


def test_a_cycle_is_shown_whole_marked_or_cut(tiny_registry: Registry) -> None:
    common = ("generate", "--prompt", "a", "--length", "400", "--temperature", "0")
    whole = foretype(*common).stdout
    (sample,) = json.loads(foretype(*common, "--json").stdout)["samples"]
    assert sample["text"] == whole[1:-1]
    before, after = whole[: 1 + sample["loop"]], whole[1 + sample["loop"] :]
    assert foretype(*common, "--loops", "mark").stdout == f"{before} [loop] {after}"
    assert foretype(*common, "--loops", "cut").stdout == f"{before}\n"
    assert tiny_registry.current_name() == "tiny"


def test_a_path_that_does_not_exist_is_refused(tiny_registry: Registry, tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    for command in ("train", "complete", "score"):
        assert_refused(foretype(command, nowhere), "nowhere", "does not exist")
    assert tiny_registry.versions("tiny") == ["0001"]


def test_folders_with_nothing_to_learn_from_are_refused_with_the_reason(registry: Registry, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    assert_refused(foretype("train", empty), "nothing to learn from", "no files")
    (empty / "a.bin").write_bytes(b"\0\1\2")
    (empty / "b.bin").write_bytes(b"MZ\0")
    assert_refused(foretype("train", empty), "nothing to learn from", "2 binary")
    assert registry.names() == []


def test_a_file_that_is_not_utf8_is_refused_where_one_is_named_and_learnt_from_in_a_folder(
    tiny_registry: Registry, project: Path
) -> None:
    latin = project / "latin.py"
    latin.write_bytes(b"# caf\xe9\n")
    (project / "odd.py").write_bytes(b"\1\2\xff\xfe")
    assert_refused(foretype("score", latin), "not UTF-8")
    assert_refused(foretype("complete", latin), "not UTF-8")
    assert_refused(foretype("train", project / "odd.py"), "1 unknown encoding")
    result = foretype("train", project, "--epochs", 1, "--hidden", "8", "--layers", "1")
    assert result.returncode == 0, result.stderr
    assert "found 5 files" in result.stderr
    assert "1 unknown encoding" in result.stderr
    assert tiny_registry.current_name() == "tiny"


def test_a_model_to_go_on_from_that_is_not_there_is_refused_before_anything_is_read(
    registry: Registry, project: Path
) -> None:
    assert_refused(foretype("train", project, "--from", "bsae"), "no model named 'bsae'")
    assert not (registry.root / "memories").exists()


def test_a_plan_says_what_would_be_read_and_why_not_the_rest_and_learns_nothing(
    registry: Registry, project: Path
) -> None:
    (project / "poetry.lock").write_text("[[package]]\n")
    (project / ".env").write_text("TOKEN=x\n")
    shown = foretype("train", project, "--plan")
    assert shown.returncode == 0, shown.stderr
    for words in ("4 files", "python", "1 machine-made", "1 private"):
        assert words in shown.stdout
    told = json.loads(foretype("train", project, "--plan", "--json").stdout)
    assert [Path(row["path"]).name for row in told["files"]] == [f"names_{number}.py" for number in range(4)]
    assert {Path(row["path"]).name: row["reason"] for row in told["left_out"]} == {
        "poetry.lock": "machine-made",
        ".env": "private",
    }
    assert registry.names() == []
    assert not registry.root.exists() or not list(registry.root.iterdir())


def test_a_model_folder_that_is_truncated_or_foreign_is_refused_and_left_alone(
    tiny_registry: Registry, project: Path, tmp_path: Path
) -> None:
    file = project / "names_0.py"
    assert_refused(foretype("score", file, "--model", tmp_path), "not a Foretype model")
    found = tiny_registry.find()
    weights = found.folder / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    for command in (["score", file], ["complete", file], ["generate"]):
        assert_refused(foretype(*command), "weights.safetensors is damaged")
    assert tiny_registry.promoted("tiny") == "0001"


def test_a_position_past_the_end_is_refused(tiny_registry: Registry, project: Path) -> None:
    assert_refused(foretype("complete", f"{project / 'names_0.py'}:999"), "there is no line 999")
    assert_refused(foretype("complete", f"{project / 'names_0.py'}:1:999"), "there is no column 999")
    assert tiny_registry.current_name() == "tiny"


@pytest.mark.parametrize(
    "command",
    ["train", "forget", "eval", "compare", "demo", "index", "score", "classify", "bench --curves", "stats --html"],
)
def test_an_empty_path_is_not_the_folder_one_is_in(registry: Registry, command: str) -> None:
    assert_refused(foretype(*command.split(), ""), "the path is empty")
    assert not registry.root.exists() or not list(registry.root.iterdir())


@pytest.mark.parametrize("option", ["--model", "--from"])
def test_an_empty_name_is_not_the_model_that_serves(registry: Registry, project: Path, option: str) -> None:
    command = ("train", project) if option == "--from" else ("complete", project / "names_0.py")
    assert_refused(foretype(*command, option, ""), "a model's name is made of", "got ''")
    assert registry.names() == []


@pytest.mark.parametrize("command", ["complete", "score", "classify", "train", "index", "eval", "compare"])
def test_a_path_that_cannot_be_looked_at_is_bad_input(registry: Registry, command: str) -> None:
    assert_refused(foretype(command, "a" * 300), "a" * 300)
    assert_refused(foretype("complete", __file__, "--model", "a" * 300), "a" * 300)
    assert registry.names() == []


@pytest.mark.skipif(os.name == "nt" or not shutil.which("setpriv"), reason="setpriv gives up the rights of root")
def test_what_nobody_may_read_any_more_can_be_forgotten(registry: Registry, project: Path) -> None:
    assert foretype("index", project).returncode == 0
    limits = ["--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search"]
    command = ["setpriv", *(limits if getpass.getuser() == "root" else []), sys.executable, "-m", "foretype.server"]
    (project / "names_0.py").chmod(0)
    for gone in (project / "names_0.py", project):
        told = subprocess.run([*command, "forget", gone, "--json"], capture_output=True, text=True, check=False)
        assert told.returncode == 0, told.stderr
        assert json.loads(told.stdout)["forgotten"][0]["files"] >= 1
        project.chmod(0)
    project.chmod(0o700)
    assert registry.names() == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no shell that starts a program with a closed stream")
def test_with_standard_error_closed_nothing_but_the_object_is_on_standard_output(
    registry: Registry, project: Path
) -> None:
    script = 'exec "$@" 2>&-'
    command = ["sh", "-c", script, "sh", sys.executable, "-m", "foretype.server"]
    refused = subprocess.run([*command, "complete", "nowhere"], capture_output=True, text=True, check=False)
    assert (refused.returncode, refused.stdout) == (2, "")
    train = ["train", str(project), "--epochs", "0.1", "--hidden", "8", "--layers", "1", "--json"]
    trained = subprocess.run([*command, *train], capture_output=True, text=True, check=False)
    assert (trained.returncode, json.loads(trained.stdout)["name"]) == (0, "default")
    assert registry.names() == ["default"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
def test_output_that_cannot_be_written_is_not_taken_for_the_data_directory(tiny_registry: Registry) -> None:
    command = [sys.executable, "-m", "foretype.server"]
    with Path("/dev/full").open("w") as full:
        told = subprocess.run([*command, "models"], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
        silent = subprocess.run([*command, "complete", "nowhere"], stdout=subprocess.PIPE, stderr=full, check=False)
    assert told.returncode == 1
    assert told.stderr == "foretype: standard output cannot be written (No space left on device); see where it leads\n"
    assert (silent.returncode, silent.stdout) == (2, b"")
    assert tiny_registry.current_name() == "tiny"


@pytest.mark.skipif(os.name == "nt", reason="Windows says of a pipe without a reader that the argument is invalid")
def test_that_nobody_reads_on_is_no_failure(tiny_registry: Registry) -> None:
    command = [sys.executable, "-m", "foretype.server", "generate", "--length", "100000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.read(5)
        process.stdout.close()
        assert (process.wait(60), process.stderr.read()) == (0, b"")
    assert tiny_registry.current_name() == "tiny"


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps the folder that a process runs in")
def test_in_a_folder_that_is_gone_that_is_what_is_told(registry: Registry, tmp_path: Path) -> None:
    gone = 'mkdir "$1" && cd "$1" && rmdir "$1" && shift && exec "$@"'
    command = ["sh", "-c", gone, "sh", str(tmp_path / "gone"), sys.executable, "-m", "foretype.server", "index", "."]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode == 1
    assert told.stderr == "foretype: the folder that this runs in does not exist any more; go to another\n"
    assert registry.names() == []


def test_without_a_command_the_commands_are_told(registry: Registry) -> None:
    result = foretype()
    assert (result.returncode, result.stderr) == (0, "")
    assert "  train " in result.stdout
    assert registry.names() == []


def test_a_mistake_names_the_help_that_tells_more(registry: Registry) -> None:
    assert_refused(foretype("train"), "train --help")
    assert_refused(foretype("train", ".", "--minuets", "3"), "train --help")
    assert registry.names() == []


def test_a_silence_is_told_with_what_it_means(tiny_registry: Registry, tmp_path: Path) -> None:
    (tmp_path / "done.py").write_text("def done():\n    pass\n", encoding="utf-8")
    result = foretype("complete", f"{tmp_path / 'done.py'}:2", "--model", "base")
    assert (result.returncode, result.stdout) == (0, "")
    assert result.stderr == "no suggestion: nothing_to_add, the line most likely ends here\n"
    assert tiny_registry.current_name() == "tiny"


def test_somebody_who_starts_the_server_by_hand_is_told_that_it_waits_for_an_editor(registry: Registry) -> None:
    if sys.platform == "win32":
        pytest.skip("Windows has no pseudo-terminals that Python can open")
    ours, theirs = os.openpty()
    command = [sys.executable, "-m", "foretype.server", "serve"]
    with subprocess.Popen(
        command, stdin=theirs, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as server:
        os.close(theirs)
        assert server.stderr is not None
        assert "waits for an editor" in server.stderr.readline()
        os.close(ours)
        assert server.wait(timeout=30) in (0, 1)
    assert registry.names() == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["complete"],
        ["train"],
        ["train", ".", "--cell", "transformer"],
        ["train", ".", "--unit", "word", "--from", "base"],
        ["train", ".", "--from", "base", "--hidden", "8"],
        ["train", ".", "--from", "nobody"],
        ["train", ".", "--name", "base"],
        ["train", ".", "--name", "../escape"],
        ["train", ".", "--minutes", "nan"],
        ["train", ".", "--epochs", "inf"],
        ["generate", "--temperature", "-1"],
        ["generate", "--temperature", "nan"],
        ["generate", "--temperature", "0.3,warm"],
        ["train", ".", "--windows", "64", "--resume"],
        ["train", ".", "--windows", "1"],
        ["score", "x.py", "--without", "everything"],
        ["serve", "--tcp", "127.0.0.1"],
        ["serve", "--model", "nobody/knows"],
        ["eval", ".", "--holdout", "2"],
        ["eval", ".", "--weeks", "2"],
        ["eval", ".", "..", "--split", "git"],
        ["forget", "--undo"],
        ["compare", "missing"],
    ],
)
def test_bad_usage_is_one_line_and_exit_code_2(registry: Registry, arguments: list[str]) -> None:
    assert_refused(foretype(*arguments))
    assert registry.names() == []


def test_without_the_training_extra_the_server_commands_work_and_training_says_what_to_install(
    tiny_registry: Registry, project: Path, tmp_path: Path
) -> None:
    # a finder that hides what only the extra brings, in the place of an environment without it
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\n"
        "class Hide:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] in ('torch', 'onnx', 'rich', 'rensa'):\n"
        "            raise ModuleNotFoundError(name, name=name)\n"
        "sys.meta_path.insert(0, Hide())\n"
    )
    hidden = {"PYTHONPATH": str(tmp_path)}
    assert foretype("complete", project / "names_0.py", "--json", **hidden).returncode == 0
    assert foretype("score", project / "names_0.py", **hidden).returncode == 0
    assert_refused(foretype("train", project, **hidden), "foretype[train]")
    assert tiny_registry.current_name() == "tiny"
