"""Secrets: found by their form or their name, replaced by something of the same shape."""

from __future__ import annotations

import sysconfig
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.model.secret_samples import Sample, samples

from foretype.model.secrets import reveals, scrub

# put together here, so that no scanner takes this file for one that leaks
SECRETS = [
    "AKIA" + "IOSFODNN7EXAMPLE",
    "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8",
    "glpat-" + "abcDEF123456_ghiJKL78",
    "xoxb-" + "123456789012-abcdefABCDEF",
    "AIza" + "SyA1234567890abcdefghijklmnopqrstuv",
    "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc",
    "npm_" + "0123456789abcdefghijABCDEFGHIJklmnop",
    "eyJhbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiIxMjM0NTY3ODkwIn0" + ".dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P",
]


@pytest.mark.parametrize("secret", SECRETS)
def test_a_token_is_found_by_its_form_alone(secret: str) -> None:
    text = f"client = connect({secret!r})\n".encode()
    clean, found = scrub(text)
    assert found == 1
    assert secret.encode() not in clean
    assert len(clean) == len(text)
    assert clean.startswith(b"client = connect('")


@pytest.mark.parametrize("secret", SECRETS)
def test_no_more_of_a_secret_is_left_than_its_shape(secret: str) -> None:
    clean, _ = scrub(secret.encode())
    assert not set(clean) & set(b"123456789abcdefghijklmnopqrstuvwyzABCDEFGHIJKLMNOPQRSTUVWYZ")


def test_a_private_key_is_emptied_between_its_markers() -> None:
    key = b"-----BEGIN RSA PRIVATE KEY-----\nMIIEow123\nabcDEF\n-----END RSA PRIVATE KEY-----\n"
    clean, found = scrub(b"before\n" + key + b"after\n")
    assert found == 1
    assert b"MIIEow123" not in clean
    assert clean.startswith(b"before\n-----BEGIN RSA PRIVATE KEY-----\n")
    assert clean.endswith(b"-----END RSA PRIVATE KEY-----\nafter\n")


def test_a_password_in_an_address_is_replaced_and_the_host_is_not() -> None:
    clean, found = scrub(b"url = 'postgres://admin:hunter42@db.example.org/app'")
    assert found == 1
    assert b"hunter42" not in clean
    assert b"@db.example.org/app" in clean


def test_a_value_assigned_to_a_telling_name_is_replaced() -> None:
    clean, found = scrub(b'api_key = "f3A9c1d27bE84f60"\n"password": "correct1horse2battery"\n')
    assert found == 2
    assert clean == b'api_key = "x0X0x0x00xX00x00"\n"password": "xxxxxxx0xxxxx0xxxxxxx"\n'


@pytest.mark.parametrize(
    "text",
    [
        b"token = tokens[position]\n",
        b'secret = "settings.secret.name"\n',
        b'password = getpass("Password: ")\n',
        b'api_key: "your-api-key-here"\n',
        b"see https://example.org/a:b/c@d\n",
        b"git@github.com:user/repository.git\n",
    ],
)
def test_ordinary_text_is_left_as_it_is(text: bytes) -> None:
    assert scrub(text) == (text, 0)


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("cut", [0, 6, 12])
def test_the_rest_of_a_token_is_not_revealed_wherever_the_caret_stands(secret: str, cut: int) -> None:
    before, text = f'key = "{secret[:cut]}'.encode(), secret[cut:].encode()
    assert reveals(before, text)


@pytest.mark.parametrize(
    "text",
    [
        "d41d8cd98f00b204e9800998ecf8427e",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "Zm9vYmFyMTIzNDU2Nzg5MGFiY2RlZmdoaWprbA==",
    ],
)
def test_digests_and_encoded_bytes_count_as_keys(text: str) -> None:
    assert reveals(b"value = ", text.encode())


@pytest.mark.parametrize(
    "text",
    [
        "get_user_account_information_by_id(user_id)",
        "testThatTheFirstOfTwoHundredUsersIsShown1",
        "https://example.com/docs/2024/11/user-guide.html",
        "0000000000000000000000000000000000000000",
        "import static org.junit.jupiter.api.Assertions.assertEquals;",
        "========================================",
    ],
)
def test_names_addresses_and_rules_are_no_keys(text: str) -> None:
    assert not reveals(b"", text.encode())


def test_a_key_that_stands_left_of_the_caret_silences_nothing() -> None:
    assert not reveals(f'connect("{SECRETS[0]}", '.encode(), b"timeout=3)")


LEAST_RECALL = 0.98
MOST_FOUND_PER_1000_LINES = 0.5
SHAPE = set(b"0xX")
NOT_SECRET = {"telegram bot": 10, "discord bot": 24}
"""How many bytes at the beginning of such a token only say whose it is."""


def is_replaced(sample: Sample) -> bool:
    clean, _ = scrub(sample.text.encode())
    start = sample.text.index(sample.secret)
    there = clean[start + NOT_SECRET.get(sample.kind, 0) : start + len(sample.secret)].replace(b"\\n", b"")
    return {byte for byte in there if chr(byte).isalnum()} <= SHAPE


def test_of_secrets_in_more_than_ninety_public_formats_hardly_one_is_missed() -> None:
    labelled = list(samples())
    missed = [sample for sample in labelled if not is_replaced(sample)]
    assert len(labelled) > 800
    assert len({sample.kind for sample in labelled}) > 90
    assert 1 - len(missed) / len(labelled) >= LEAST_RECALL, [sample.text for sample in missed]


def test_what_stands_around_a_secret_stays_as_it_is() -> None:
    for sample in samples(each=1):
        clean = scrub(sample.text.encode())[0].decode()
        assert len(clean) == len(sample.text)
        assert clean.startswith("# settings\n") or not sample.text.startswith("# settings\n")
        assert clean.endswith("# end\n") or not sample.text.endswith("# end\n")


def test_a_text_that_was_scrubbed_holds_no_secret_any_more() -> None:
    for sample in samples(each=1):
        clean, _ = scrub(sample.text.encode())
        assert scrub(clean) == (clean, 0)


def test_a_drawn_key_with_the_signs_of_addresses_in_it_is_found_and_a_long_name_is_not() -> None:
    assert scrub(b"see x7Qm-9bTz_4KpW2r-Lc8V_s1Yd-N5hG_e3J")[1] == 1
    assert scrub(b"x = thSomeTypeLiftToJSON2ElemArray(NotScheduleL1IfL0WithPri)")[1] == 0


def test_hand_written_code_is_left_alone() -> None:
    library = Path(sysconfig.get_paths()["stdlib"])
    texts = [path.read_bytes() for path in sorted(library.glob("*.py"))]
    texts += [path.read_bytes() for path in sorted((Path(__file__).parents[2] / "model").rglob("*.py"))]
    lines = sum(text.count(b"\n") for text in texts)
    assert lines > 50_000
    assert 1000 * sum(scrub(text)[1] for text in texts) / lines <= MOST_FOUND_PER_1000_LINES


@given(st.binary(max_size=400))
def test_any_bytes_keep_their_length_and_lines(text: bytes) -> None:
    clean, _ = scrub(text)
    assert len(clean) == len(text)
    assert clean.count(b"\n") == text.count(b"\n")


def test_a_placeholder_is_never_offered() -> None:
    clean, _ = scrub(b'api_key = "f3A9c1d27bE84f60"')
    assert reveals(b"api_key = ", clean[len(b"api_key = ") :])
    assert not reveals(b"mask = ", b"0x00000000ffffffff")


@pytest.mark.parametrize("sign", [b"-", b"0", b"x"])
def test_a_line_of_one_sign_as_long_as_a_file_is_looked_through_once(sign: bytes) -> None:
    assert not reveals(sign * 4_000_000, b" end")  # byte by byte it would take hours


@pytest.mark.parametrize(
    "text",
    [
        b"alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'\n",
        b"password: ${DATABASE_PASSWORD_2}\n",
        b"token = request.headers['x-token-v2']\n",
        b"keyboard_layout = 'us-intl-105keys'\n",
        b"secretName: my-secret-2\n",
        b"password_file = /run/secrets/db1\n",
        b"postgres://postgres:postgres@localhost:5432/test\n",
        b"tokenizer = 'bert-base-uncased-v2'\n",
        b"max_tokens = 4096\n",
        b"id: 123e4567-e89b-12d3-a456-426614174000\n",
    ],
)
def test_names_references_and_settings_that_sound_secret_are_left_as_they_are(text: bytes) -> None:
    assert scrub(text) == (text, 0)


def test_a_file_of_nothing_but_beginnings_of_tokens_is_looked_through_in_time() -> None:
    beginning = b"xo" + b"xb-"
    clean, _ = scrub(beginning * 100_000)  # to the end of the file at each of them, it would take half a minute
    assert beginning not in clean


def test_a_token_of_many_thousand_bytes_is_replaced_to_its_end() -> None:
    token = b"eyJ" + b"hbGci0iJ" * 900 + b"." + b"eyJzdWIi" * 900 + b".dozjgNryP4J3jVmN"
    clean, count = scrub(b'token = "' + token + b'"\n')
    assert count == 1
    assert not set(clean[9:-2]) & {*b"abcdefghijklmnopqrstuvw"}
