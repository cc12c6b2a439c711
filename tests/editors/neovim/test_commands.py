"""`:Foretype`, `:checkhealth foretype` and the statusline in real Neovims."""

from __future__ import annotations

from pathlib import Path

from tests.editors.neovim.conftest import StartEditor
from tests.editors.neovim.editor import PLUGIN, Editor
from tests.editors.weather import EXPECTED, TYPED

RECORD_PROGRESS = """
progress, modes = {}, {}
vim.api.nvim_create_autocmd('LspProgress', { callback = function(event)
  local value = event.data.params.value
  table.insert(progress, value.kind .. ' ' .. (value.title or value.message or ''))
  table.insert(modes, require('foretype').statusline())
end })
"""


def test_status_tells_what_the_server_knows(editor: Editor) -> None:
    editor.keys("A")
    editor.type_for_ghost(TYPED, EXPECTED)
    editor.keys("<Tab><Esc>")
    editor.command("Foretype status")
    editor.wait(lambda: "keys saved" in editor.messages(), "it is told")
    assert "model: loaded" in editor.messages()
    assert "1 accepted" in editor.messages()
    assert "weather" in editor.messages()


def test_subcommands_are_completed_and_wrong_ones_refused(editor: Editor) -> None:
    complete = "return vim.fn.getcompletion(..., 'cmdline')"
    assert editor.lua(complete, "Foretype ") == [
        "doctor", "log", "pause", "restart", "resume", "stats", "status", "toggle", "train",
    ]  # fmt: skip
    assert editor.lua(complete, "Foretype pause l") == ["language"]
    editor.keys(":Foretype nonsense<CR>")
    editor.wait(lambda: "no command nonsense; there are doctor, log, pause" in editor.messages(), "it is refused")
    editor.keys(":Foretype pause nonsense<CR>")
    editor.wait(lambda: "pause takes one of all, buffer, language, got nonsense" in editor.messages(), "it is refused")


def test_training_shows_progress_and_its_result(editor: Editor) -> None:
    editor.lua(RECORD_PROGRESS)
    editor.command("Foretype train --minutes 0")
    editor.wait(lambda: "weather: remembered" in editor.messages(), "it has ended")
    assert "begin learning from weather" in editor.lua("return progress")
    assert any("training, 0 percent" in mode for mode in editor.lua("return modes"))
    assert editor.lua("return progress[#progress]").startswith("end")


def test_training_that_ends_while_somebody_types_is_told_of_afterwards(editor: Editor) -> None:
    editor.command("Foretype train --minutes 0")
    editor.keys("A")
    editor.wait(lambda: editor.lua("return require('foretype.training').progress() == nil"), "it has ended")
    assert "remembered" not in editor.messages()
    editor.keys("<Esc>")
    editor.wait(lambda: "weather: remembered" in editor.messages(), "it is told")


def test_training_can_be_cancelled(editor: Editor) -> None:
    editor.command("Foretype train --minutes 5 --hidden 8 --layers 1")
    editor.command("Foretype train")
    assert "training is running" in editor.messages()
    editor.command("Foretype train cancel")
    editor.wait(lambda: "training on weather was cancelled" in editor.messages(), "it is cancelled")
    editor.command("Foretype train cancel")
    assert "nothing is being learnt" in editor.messages()


def test_training_that_fails_says_why(editor: Editor, tmp_path: Path) -> None:
    editor.command(f"Foretype train {tmp_path / 'nowhere'}")
    editor.wait(lambda: "training on nowhere failed: " in editor.messages(), "it is told")
    assert "nowhere" in editor.messages().rpartition("failed: ")[2]


def test_statistics_open_as_a_page(editor: Editor) -> None:
    editor.lua("vim.ui.open = function(page) opened = page return {} end")
    editor.command("Foretype stats")
    page = editor.wait(lambda: editor.lua("return opened"), "it is opened")
    assert "<html" in Path(page).read_text(encoding="utf-8")


def test_statistics_are_a_table_where_nothing_opens_pages(editor: Editor) -> None:
    editor.lua("vim.ui.open = function() return nil, 'no browser' end")
    editor.command("Foretype stats")
    editor.wait(lambda: "foretype://stats" in editor.lua("return vim.fn.bufname()"), "it is opened")
    assert editor.buffer()[0]
    assert not editor.lua("return vim.bo.modifiable")


def test_the_log_and_the_doctor_are_opened(editor: Editor) -> None:
    editor.command("Foretype log")
    editor.wait(lambda: editor.lua("return vim.fn.bufname()").endswith("foretype.log"), "the log is opened")
    editor.command("close")
    editor.command("Foretype doctor")
    editor.wait(lambda: "foretype://doctor" in editor.lua("return vim.fn.bufname()"), "the findings are opened")
    assert any(line.startswith("ok") for line in editor.buffer())


def test_checkhealth_is_content_where_all_is_well(editor: Editor) -> None:
    editor.command("checkhealth foretype")
    report = "\n".join(editor.buffer())
    assert "ERROR" not in report
    assert "WARNING" not in report
    for said in ("Neovim", "foretype, version", "server runs, 1 buffers attached", "model: ", "keys are mapped"):
        assert said in report


def test_checkhealth_says_what_to_do_without_the_program(newest: Path, start: StartEditor) -> None:
    editor = start(newest, setup="{ command = 'not-foretype' }")
    editor.command("checkhealth foretype")
    report = "\n".join(editor.buffer())
    assert "the program foretype was not found" in report
    assert "pip install" in report


def test_checkhealth_says_what_to_do_without_a_server(newest: Path, start: StartEditor) -> None:
    editor = start(newest)
    editor.command("checkhealth foretype")
    report = "\n".join(editor.buffer())
    assert "no server runs" in report
    assert "Open a file" in report


def test_the_statusline_says_how_things_stand(editor: Editor) -> None:
    statusline = "return require('foretype').statusline()"
    editor.wait(lambda: editor.lua(statusline) == "foretype", "all is ready")
    editor.command("Foretype toggle buffer")
    assert editor.lua(statusline) == "foretype: paused"
    editor.command("Foretype toggle buffer")
    assert editor.lua(statusline) == "foretype"
    editor.command("help")
    assert editor.lua(statusline) == ""


def test_the_help_has_tags_for_everything_public(newest: Path, start: StartEditor, tmp_path: Path) -> None:
    editor = start(newest)
    copy = tmp_path / "doc"
    copy.mkdir()
    (copy / "foretype.txt").write_text((PLUGIN / "doc" / "foretype.txt").read_text(encoding="utf-8"), encoding="utf-8")
    editor.command(f"helptags {copy}")
    tags = {line.partition("\t")[0] for line in (copy / "tags").read_text().splitlines()}
    functions = editor.lua("return vim.tbl_keys(require('foretype'))")
    options = editor.lua("return vim.tbl_keys(require('foretype.options').get())")
    commands = editor.lua("return vim.fn.getcompletion('Foretype ', 'cmdline')")
    wanted = {f"foretype.{name}()" for name in functions} | {f"foretype-option-{name}" for name in options}
    assert (wanted | {f":Foretype-{name}" for name in commands}) - tags == set()


def test_nothing_is_loaded_before_it_is_needed(newest: Path, start: StartEditor) -> None:
    editor = start(newest, before="require('foretype') loaded_early = vim.tbl_keys(package.loaded)")
    assert [name for name in editor.lua("return loaded_early") if name.startswith("foretype")] == ["foretype"]
