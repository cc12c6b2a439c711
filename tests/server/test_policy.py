"""Where we may speak, and the reason where we may not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from foretype.model.reason import Reason
from foretype.server.document import Change, Document, Position
from foretype.server.policy import Policy, kind_at
from foretype.server.settings import Settings

END = Position(1 << 30, 0)


def document(text: str = "x = 1\n", language_id: str = "python") -> Document:
    return Document(text, 1, "utf-16", language_id)


def judge(
    settings: Settings,
    place: Document | None = None,
    path: str | None = None,
    *,
    caret: Position = END,
    asked: bool = False,
) -> Reason | None:
    return Policy().silence(place or document(), path, caret, settings, asked=asked)


def test_an_ordinary_place_may_get_a_suggestion() -> None:
    assert judge(Settings()) is None


def test_what_the_settings_forbid_is_named() -> None:
    assert judge(Settings(enabled=False), asked=True) is Reason.DISABLED
    assert judge(Settings(disabled_languages=("python",)), asked=True) is Reason.DISABLED_LANGUAGE
    assert judge(Settings(max_document_characters=3), asked=True) is Reason.TOO_LARGE


def test_in_manual_mode_only_those_who_ask_are_answered() -> None:
    assert judge(Settings(manual=True)) is Reason.MANUAL
    assert judge(Settings(manual=True), asked=True) is None


def test_a_document_that_is_not_known_to_be_the_clients_gets_nothing() -> None:
    lost = document()
    lost.trusted = False
    assert judge(Settings(), lost) is Reason.UNKNOWN_DOCUMENT
    assert Policy().silence(None, None, END, Settings(), asked=True) is Reason.UNKNOWN_DOCUMENT


def test_right_after_a_deletion_there_is_silence_unless_asked_or_wanted() -> None:
    edited, caret = document(), Position(0, 2)
    edited.apply(Change(caret, Position(0, 3), ""))
    assert judge(Settings(), edited, caret=caret) is Reason.AFTER_DELETION
    assert judge(Settings(), edited, caret=caret, asked=True) is None
    assert judge(Settings(after_deletion=True), edited, caret=caret) is None
    edited.apply(Change(caret, caret, "="))
    assert judge(Settings(), edited, caret=caret) is None


def test_in_another_line_than_that_of_a_deletion_nobody_is_kept_waiting() -> None:
    edited = document("x = 1\ny = 2\n")
    edited.apply(Change(Position(0, 2), Position(0, 5), ""))
    assert judge(Settings(), edited, caret=Position(1, 5)) is None
    edited.apply(Change(Position(0, 2), Position(1, 0), ""))
    assert judge(Settings(), edited, caret=Position(0, 4)) is Reason.AFTER_DELETION


@pytest.mark.parametrize("name", [".env", ".env.local", "server.pem", "id_ed25519", "sub/credentials.json"])
def test_files_that_promise_keys_get_nothing(tmp_path: Path, name: str) -> None:
    assert judge(Settings(), path=str(tmp_path / name), asked=True) is Reason.IGNORED_PATH


def test_a_folder_that_was_opened_is_wanted_although_its_repository_ignores_it(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".gitignore").write_text("versions/\n")
    opened = tmp_path / "versions" / "3" / "package"
    opened.mkdir(parents=True)
    (opened / ".gitignore").write_text("made.py\n")
    folders: list[Path] = []
    policy = Policy(lambda: folders)

    def silence(name: str) -> Reason | None:
        return policy.silence(document(), str(opened / name), END, Settings(), asked=False)

    assert silence("streams.py") is Reason.IGNORED_PATH
    folders.append(opened)
    policy.forget()
    assert silence("streams.py") is None
    assert silence("made.py") is Reason.IGNORED_PATH
    assert silence(".env") is Reason.IGNORED_PATH


def test_ignored_files_get_nothing_until_the_rules_change(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".foretypeignore").write_text("drafts/\n*.tmp\n!keep.tmp\n")
    policy = Policy()

    def silence(name: str) -> Reason | None:
        return policy.silence(document(), str(tmp_path / name), END, Settings(), asked=False)

    assert silence("drafts/a/b.md") is Reason.IGNORED_PATH
    assert silence("src/x.tmp") is Reason.IGNORED_PATH
    assert silence("src/keep.tmp") is None
    assert silence("src/x.py") is None
    (tmp_path / ".foretypeignore").write_text("")
    assert silence("src/x.tmp") is Reason.IGNORED_PATH
    policy.forget()
    assert silence("src/x.tmp") is None


def test_hidden_folders_are_the_users_business(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    assert judge(Settings(), path=str(tmp_path / ".github" / "workflows" / "ci.yml")) is None


@pytest.mark.parametrize(
    ("language_id", "text", "kind"),
    [
        ("python", "x = 1  # hel", "comment"),
        ("python", 'x = "hel', "string"),
        ("python", 'def f():\n    """Do.\n\n    Mo', "string"),
        ("python", 'x = f"{na', "code"),
        ("python", "x = 'a' + b", "code"),
        ("javascript", "let a = 'te", "string"),
        ("javascript", 'let a = "te', "string"),
        ("javascript", "let a = `te", "string"),
        ("typescriptreact", "const a = 1; // no", "comment"),
        ("java", "/* one\n * two", "comment"),
        ("java", 'String s = "ab', "string"),
        ("go", "x := y // be", "comment"),
        ("rust", 'let s = "ab', "string"),
        ("shellscript", "ls # al", "comment"),
        ("c", 'puts("a"); ', "code"),
        ("no such language", "# hel", "code"),
        ("python", "", "code"),
    ],
)
def test_comments_and_strings_are_told_from_code_by_what_stands_before(language_id: str, text: str, kind: str) -> None:
    assert kind_at(document(text, language_id), END) == kind


def test_a_long_document_is_read_from_a_line_not_far_above() -> None:
    assert kind_at(document("x = 1\n" * 5000 + "y = 2  # no"), END) == "comment"


def test_comments_and_strings_are_silent_only_if_so_wanted() -> None:
    comment, string = document("x = 1  # hel"), document('x = "hel')
    assert judge(Settings(), comment) is None
    quiet = Settings(in_comments=False, in_strings=False)
    assert judge(quiet, comment) is Reason.IN_COMMENT
    assert judge(quiet, comment, asked=True) is None
    assert judge(quiet, string) is Reason.IN_STRING
    assert judge(replace(quiet, in_strings=True), string) is None
    assert judge(quiet, document("x = ")) is None
