"""Encodings: the same text comes out whatever it was stored in, and nothing comes out of binary data."""

from __future__ import annotations

import gzip
import random
import struct

import pytest

from foretype.model.encodings import decode

CODE = "def visit(names):\n    for name in names:\n        print(name)\n" * 40

COMMENTS = {
    "utf-8": "# Größe, 尺寸, размер 😀\n",
    "utf-8-sig": "# Größe, 尺寸, размер 😀\n",
    "utf-16": "# Größe, 尺寸, размер 😀\n",
    "utf-32": "# Größe, 尺寸, размер 😀\n",
    "cp1252": "# Größe des Fensters, naïve Prüfung für café\n",
    "cp1251": "# Привет, это проверка кодировки файла\n",
    "koi8-r": "# Привет, это проверка кодировки файла\n",
    "shift_jis": "# これは日本語のコメントです、読めますか\n",
    "euc-jp": "# これは日本語のコメントです、読めますか\n",
    "gb18030": "# 这是一个中文注释用于测试编码\n",
    "euc-kr": "# 이것은 한국어 주석입니다 파일 인코딩\n",
}


@pytest.mark.parametrize("encoding", COMMENTS)
def test_text_is_read_whatever_it_is_stored_in(encoding: str) -> None:
    text = CODE + COMMENTS[encoding] + CODE
    assert decode(text.encode(encoding)) == text


def test_one_letter_above_ascii_is_taken_for_western() -> None:
    assert decode(b"# caf\xe9\n") == "# café\n"


def test_random_bytes_and_binary_formats_hold_no_text() -> None:
    draws = random.Random(3)
    assert [decode(draws.randbytes(size)) for size in (64, 200, 1000) for _ in range(50)] == [None] * 150
    no_zeros = [bytes(draws.randrange(1, 256) for _ in range(500)) for _ in range(50)]
    assert [decode(content) for content in no_zeros] == [None] * 50
    assert decode(gzip.compress(CODE.encode())) is None
    assert decode(struct.pack("<200f", *(draws.random() for _ in range(200)))) is None


def test_a_mark_that_no_text_follows_holds_none() -> None:
    assert decode(b"\xff\xfe\x00") is None
    assert decode(b"\xff\xfe\x00\xd8\x00\xd8") is None
