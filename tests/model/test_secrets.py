"""Secrets: found by their form or their name, replaced by something of the same shape."""

from __future__ import annotations

import pytest

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
