"""Completing lines as CodeXGLUE asks for it: its format, its measures, and source code made of its tokens again."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tokenize
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import network_alone, write_project

from foretype.model.engine import Engine
from foretype.model.errors import UserError
from foretype.model.predictor import Predictor
from foretype.model.registry import Registry
from foretype.training.codexglue import examples
from foretype.training.codexglue.completion import completed
from foretype.training.codexglue.examples import Example
from foretype.training.codexglue.layout import source
from foretype.training.codexglue.score import score, similarity, with_values
from foretype.training.codexglue.source_tokens import Language, Literals, scan, written
from foretype.training.readers import MixtureReader

NONE = Literals(frozenset(), frozenset(), frozenset())
SOME = Literals(frozenset({"a", "U+0020", "aU+002C"}), frozenset({"0"}), frozenset({"x"}))

PYTHON = """\
# what it is
import os


def size(path: str) -> int:
    \"\"\"Tell.\"\"\"
    return os.stat(path, follow_symlinks=True).st_size - 1 if path != '' else 0
"""
JAVA = """\
package a.b; // a comment
class Owner<T> { int count = 0; char x = 'x'; /* another
*/ void add(List<String> names) { count += names.size() + 1L; } }
"""

PAIRS = [
    ("", "", 100),
    ("", "x", 0),
    ("= 0  ;", "= 0 ;", 91),
    ("owner )", "owner , final Point location )", 38),
    ("self . x = x", "self . y = y", 83),
    (". get ( '' ) ;", ". put ( '' , 1 ) ;", 75),
    ("ab" * 150, "ba" * 150, 0),
]
"""What `fuzz.ratio` of fuzzywuzzy 0.18.0 said, without its optional extension."""


def tokens(code: str, language: Language, literals: Literals = NONE) -> str:
    return " ".join(written(scan(code, language), literals, language))


def test_python_becomes_tokens_without_comments_and_indentation_and_with_line_ends() -> None:
    assert tokens(PYTHON, "python") == (
        'import os <EOL> def size ( path : str ) -> int : <EOL> """<STR_LIT>""" <EOL> '
        "return os . stat ( path , follow_symlinks = True ) . st_size - <NUM_LIT> "
        "if path != '<STR_LIT>' else <NUM_LIT> <EOL>"
    )


def test_java_becomes_tokens_without_line_ends() -> None:
    assert tokens(JAVA, "java") == (
        "package a . b ; class Owner < T > { int count = <NUM_LIT> ; char x = '<CHAR_LIT>' ; "
        "void add ( List < String > names ) { count += names . size ( ) + <NUM_LIT> ; } }"
    )


def test_frequent_literals_keep_their_value_with_blanks_and_commas_spelt() -> None:
    code = "f('a', ' ', \"a,\", 'b', 0, 1)"
    shown = tokens(code, "python", SOME)
    assert shown == (
        "f ( '<STR_LIT:a>' , '<STR_LIT:U+0020>' , \"<STR_LIT:aU+002C>\" , '<STR_LIT>' , <NUM_LIT:0> , <NUM_LIT> )"
    )
    assert tokens("'x' + 'ab' + 'y'", "java", SOME) == "'<CHAR_LIT:x>' + '<STR_LIT>' + '<CHAR_LIT>'"
    assert Literals.from_json(SOME.to_json()) == SOME


@pytest.mark.parametrize("module", [json.decoder, subprocess, io], ids=lambda module: str(module.__name__))
def test_the_scanner_sees_what_pythons_own_tokenizer_sees(module: object) -> None:
    code = Path(str(module.__file__)).read_text(encoding="utf-8")  # type: ignore[attr-defined]
    if sys.version_info >= (3, 12):  # where strings with values in them are no longer one token
        code = "\n".join(line for line in code.split("\n") if "f'" not in line and 'f"' not in line)
    left_out = (tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING, tokenize.ENDMARKER)
    wanted: list[str] = []
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        if token.type in (tokenize.NEWLINE, tokenize.NL):
            wanted += [] if not wanted or wanted[-1] == "\n" else ["\n"]
        elif token.type not in left_out:
            wanted.append(" ".join(token.string.split()))
    assert [token.text or "\n" for token in scan(code, "python")] == wanted


@given(st.text("ab'\"\\#/*.0x \n({=", max_size=60), st.sampled_from(["python", "java"]))
def test_any_text_is_scanned_to_its_end_and_nothing_but_blanks_and_comments_is_lost(code: str, language: str) -> None:
    found = scan(code, language)  # type: ignore[arg-type]
    assert all(token.text.split() or token.kind == "eol" for token in found)
    assert written(found, NONE, language) is not None  # type: ignore[arg-type]


def test_a_cut_gives_the_input_and_the_rest_of_its_line() -> None:
    lines = tokens(PYTHON, "python").split()
    for example in examples.cut([lines] * 30, "python", 30, seed=1):
        assert example.input.startswith("<s> ")
        assert f"{example.input.removeprefix('<s> ')} {example.answer} <EOL>" in " ".join(lines)
        assert "<EOL>" not in example.answer


def test_a_line_of_java_ends_with_its_semicolon_or_brace_but_before_one_that_opens() -> None:
    assert examples.rest_of_line(["a", ";", "b"], "java") == ["a", ";"]
    assert examples.rest_of_line(["}", "b"], "java") == ["}"]
    assert examples.rest_of_line(["f", "(", ")", "{", "b"], "java") == ["f", "(", ")"]


def test_what_is_written_is_read_again_and_what_is_no_example_is_refused(tmp_path: Path) -> None:
    wanted = [Example(3, "<s> a", "b"), Example(4, "<s> \u00e9 <EOL>", "c ( )")]
    path = tmp_path / "test.json"
    path.write_text(examples.lines(wanted), encoding="utf-8")
    assert examples.read(path) == wanted
    path.write_text('{"input": "<s> a", "gt": "b"}\n{"gt": 1}\n', encoding="utf-8")
    with pytest.raises(UserError, match=r"test\.json line 2 is no example"):
        examples.read(path)


def test_scores_are_those_of_the_benchmarks_evaluator() -> None:
    assert with_values("f ( <NUM_LIT:1> , <NUM_LIT> , '<STR_LIT:a>' , '<STR_LIT>' )") == "f ( 1 , 0 , 'a' , '' )"
    found = score(["= <NUM_LIT:0>  ;", "owner )", ""], ["= <NUM_LIT> ;", "owner , final Point location )", "x"])
    assert found.exact == (True, False, False)
    assert found.exact_match == pytest.approx(100 / 3)
    assert found.edit_similarity == pytest.approx(sum(found.similarity) / 3)


@pytest.mark.parametrize(("one", "other", "per_cent"), PAIRS)
def test_similarity_is_what_fuzzywuzzy_says(one: str, other: str, per_cent: int) -> None:
    assert similarity(one, other) == per_cent


def test_tokens_become_source_as_people_write_it() -> None:
    assert (
        source(
            "<s> class A ( B ) : <EOL> def f ( self , x = <NUM_LIT:1> ) : <EOL> if x : <EOL> return - x [ <NUM_LIT> ]",
            "python",
        )
        == "class A(B):\n    def f(self, x=1):\n        if x:\n            return -x[0]"
    )
    assert source(
        "<s> package a . b ; class A { List < String > x ; void f ( ) { for ( int i = <NUM_LIT:0> ; i < n ; i ++ ) g",
        "java",
    ) == ("package a.b;\nclass A {\n    List<String> x;\n    void f() {\n        for (int i = 0; i < n; i++) g")


@pytest.mark.parametrize(("code", "language"), [(PYTHON, "python"), (JAVA, "java")])
def test_source_made_of_tokens_has_the_same_tokens(code: str, language: Language) -> None:
    shown = tokens(code, language)
    assert with_values(tokens(source(f"<s> {shown}", language), language)) == with_values(shown)


def test_a_network_that_knows_the_file_completes_its_lines(learnt_engine: Engine) -> None:
    example = Example(0, "<s> def visit ( names : list [ str ] ) -> None : <EOL> for name in", "names :")
    reader = lambda header: MixtureReader(learnt_engine, Predictor(network_alone(), []), header)  # noqa: E731
    assert completed(reader, example, NONE, "python") == "names :"


def test_examples_are_made_completed_and_scored_on_the_command_line(tiny_registry: Registry, tmp_path: Path) -> None:
    project, made = write_project(tmp_path / "project", 4), tmp_path / "made"

    def call(*arguments: str | Path) -> str:
        command = [sys.executable, "-m", "foretype.training.codexglue", *map(str, arguments)]
        return subprocess.run(command, check=True, capture_output=True, text=True, encoding="utf-8").stdout

    call("make", project, "--language", "python", "--to", made, "--count", "3")
    literals, predictions = made / "literals.json", tmp_path / "predictions.txt"
    told = call(
        "complete", made / "test.json", "--language", "python", "--literals", literals, "--predictions", predictions
    )
    assert set(json.loads(told)) == {"examples", "exact_match", "edit_similarity"}
    assert call("score", made / "test.json", predictions) == told
    assert len(predictions.read_text(encoding="utf-8").splitlines()) == json.loads(told)["examples"]
    assert tiny_registry.current_name() == "tiny"
