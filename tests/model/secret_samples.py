"""Lines that hold a secret, drawn at random in the public formats of more than ninety kinds, and where it stands.

Nothing here was ever valid: every value is drawn from a seed when the tests run.
"""

from __future__ import annotations

import base64
import random
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass

HEX = "0123456789abcdef"
DIGITS = string.digits
UPPER = string.ascii_uppercase + DIGITS
LOWER = string.ascii_lowercase + DIGITS
ALL = string.ascii_letters + DIGITS
URL = ALL + "_-"
BASE64 = ALL + "+/"


@dataclass(frozen=True)
class Sample:
    """Hold a text with a secret in it."""

    kind: str
    text: str
    secret: str


class Draw:
    """Draw secrets of all kinds from one seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def of(self, alphabet: str, length: int) -> str:
        return "".join(self._random.choices(alphabet, k=length))

    def between(self, alphabet: str, low: int, high: int) -> str:
        return self.of(alphabet, self._random.randint(low, high))

    def one(self, choices: list[str]) -> str:
        return self._random.choice(choices)

    def password(self, signs: str = "", low: int = 10, high: int = 20) -> str:
        """Return one as a generator of passwords makes it: letters and at least one digit."""
        while True:
            word = self.between(ALL + signs, low, high)
            if any(letter in DIGITS for letter in word) and any(letter in string.ascii_letters for letter in word):
                return word

    def uuid(self) -> str:
        return "-".join(self.of(HEX, length) for length in (8, 4, 4, 4, 12))

    def base64(self, nbytes: int) -> str:
        return base64.b64encode(self._random.randbytes(nbytes)).decode()

    def web_token(self) -> str:
        header = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').decode().rstrip("=")
        payload = base64.urlsafe_b64encode(f'{{"sub":"{self.of(DIGITS, 10)}"}}'.encode()).decode().rstrip("=")
        return f"{header}.{payload}.{self.of(URL, 43)}"

    def lines(self, count: int = 6, width: int = 64) -> str:
        return "".join(f"{self.base64(width * 3 // 4)}\n" for _ in range(count))


TOKENS: dict[str, Callable[[Draw], str]] = {
    "aws access key id": lambda draw: draw.one(["AKIA", "ASIA"]) + draw.of(UPPER, 16),
    "github classic": lambda draw: "ghp_" + draw.of(ALL, 36),
    "github app": lambda draw: draw.one(["gho_", "ghs_", "ghu_"]) + draw.of(ALL, 36),
    "github fine-grained": lambda draw: f"github_pat_{draw.of(ALL, 22)}_{draw.of(ALL, 59)}",
    "gitlab": lambda draw: "glpat-" + draw.of(URL, 20),
    "slack bot": lambda draw: f"xoxb-{draw.of(DIGITS, 12)}-{draw.of(DIGITS, 13)}-{draw.of(ALL, 24)}",
    "slack user": lambda draw: f"xoxp-{draw.of(DIGITS, 11)}-{draw.of(DIGITS, 12)}-{draw.of(HEX, 32)}",
    "stripe": lambda draw: draw.one(["sk_live_", "sk_test_", "rk_live_"]) + draw.of(ALL, 24),
    "stripe webhook": lambda draw: "whsec_" + draw.of(ALL, 32),
    "google api key": lambda draw: "AIza" + draw.of(URL, 35),
    "google oauth": lambda draw: "ya29." + draw.between(URL, 60, 120),
    "google client": lambda draw: "GOCSPX-" + draw.of(URL, 28),
    "twilio": lambda draw: "SK" + draw.of(HEX, 32),
    "sendgrid": lambda draw: f"SG.{draw.of(URL, 22)}.{draw.of(URL, 43)}",
    "mailgun": lambda draw: "key-" + draw.of(HEX, 32),
    "mailchimp": lambda draw: f"{draw.of(HEX, 32)}-us{draw.one(['1', '12', '21'])}",
    "npm": lambda draw: "npm_" + draw.of(ALL, 36),
    "pypi": lambda draw: "pypi-AgEIcHlwaS5vcmc" + draw.between(URL, 70, 120),
    "rubygems": lambda draw: "rubygems_" + draw.of(HEX, 48),
    "digitalocean": lambda draw: "dop_v1_" + draw.of(HEX, 64),
    "hugging face": lambda draw: "hf_" + draw.of(string.ascii_letters, 34),
    "openai": lambda draw: f"sk-{draw.of(ALL, 20)}T3BlbkFJ{draw.of(ALL, 20)}",
    "openai project": lambda draw: f"sk-proj-{draw.of(URL, 74)}T3BlbkFJ{draw.of(URL, 74)}",
    "anthropic": lambda draw: f"sk-ant-api03-{draw.of(URL, 93)}AA",
    "groq": lambda draw: "gsk_" + draw.of(ALL, 52),
    "web token": lambda draw: draw.web_token(),
    "discord bot": lambda draw: f"M{draw.of(ALL, 23)}.{draw.of(URL, 6)}.{draw.of(URL, 38)}",
    "telegram bot": lambda draw: f"{draw.of('123456789', 10)}:AA{draw.of(URL, 33)}",
    "shopify": lambda draw: draw.one(["shpat_", "shpss_", "shpca_"]) + draw.of(HEX, 32),
    "square": lambda draw: "sq0csp-" + draw.of(URL, 43),
    "square access": lambda draw: "EAAA" + draw.of(URL, 60),
    "heroku": lambda draw: "HRKU-" + draw.uuid(),
    "cloudflare origin": lambda draw: f"v1.0-{draw.of(HEX, 24)}-{draw.of(HEX, 146)}",
    "databricks": lambda draw: "dapi" + draw.of(HEX, 32),
    "docker": lambda draw: "dckr_pat_" + draw.of(URL, 27),
    "linear": lambda draw: "lin_api_" + draw.of(ALL, 40),
    "vault": lambda draw: "hvs." + draw.of(URL, 90),
    "grafana": lambda draw: f"glsa_{draw.of(ALL, 32)}_{draw.of(HEX, 8)}",
    "age": lambda draw: "AGE-SECRET-KEY-1" + draw.of("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 58),
    "doppler": lambda draw: draw.one(["dp.pt.", "dp.st.prd."]) + draw.of(ALL, 43),
    "fly.io": lambda draw: "fo1_" + draw.of(URL, 43),
    "planetscale": lambda draw: draw.one(["pscale_tkn_", "pscale_pw_", "pscale_oauth_"]) + draw.of(URL, 43),
    "hubspot": lambda draw: f"pat-na1-{draw.uuid()}",
    "launchdarkly": lambda draw: draw.one(["sdk-", "api-"]) + draw.uuid(),
    "adafruit": lambda draw: "aio_" + draw.of(ALL, 28),
    "contentful": lambda draw: "CFPAT-" + draw.of(URL, 43),
    "frame.io": lambda draw: "fio-u-" + draw.of(URL, 64),
    "new relic insert": lambda draw: "NRII-" + draw.of(URL, 32),
    "notion": lambda draw: "secret_" + draw.of(ALL, 43),
    "openshift": lambda draw: "sha256~" + draw.of(URL, 43),
    "prefect": lambda draw: "pnu_" + draw.of(ALL, 36),
    "netlify": lambda draw: "nfp_" + draw.of(ALL, 36),
    "deno": lambda draw: "ddp_" + draw.of(ALL, 36),
    "scalingo": lambda draw: "tk-us-" + draw.of(URL, 48),
    "brevo smtp": lambda draw: f"xsmtpsib-{draw.of(HEX, 64)}-{draw.of(ALL, 16)}",
    "supabase": lambda draw: f"sb_secret_{draw.of(URL, 22)}_{draw.of(URL, 8)}",
    "tailscale": lambda draw: f"tskey-auth-{draw.of(ALL, 17)}-{draw.of(ALL, 32)}",
    "typeform": lambda draw: f"tfp_{draw.of(URL, 44)}_{draw.of(ALL, 14)}",
    "yandex": lambda draw: "AQVN" + draw.of(URL, 36),
    "artifactory": lambda draw: "AKCp" + draw.of(ALL, 69),
    "duffel": lambda draw: draw.one(["duffel_test_", "duffel_live_"]) + draw.of(URL, 43),
    "langsmith": lambda draw: f"lsv2_pt_{draw.of(HEX, 32)}_{draw.of(HEX, 10)}",
    "tavily": lambda draw: "tvly-dev-" + draw.of(ALL, 32),
    "posthog": lambda draw: "phx_" + draw.of(ALL, 43),
    "stripe organisation": lambda draw: "sk_org_live_" + draw.of(ALL, 40),
    "razorpay": lambda draw: "rzp_live_" + draw.of(ALL, 14),
    "gitea": lambda draw: "gto_" + draw.of(ALL, 43),
    "pinecone": lambda draw: f"pcsk_{draw.of(ALL, 5)}_{draw.of(ALL, 63)}",
    "alibaba": lambda draw: "LTAI" + draw.of(ALL, 20),
    "tencent": lambda draw: "AKID" + draw.of(ALL, 32),
}
"""Tokens that are recognised wherever they stand."""

PLACES = [
    'client = connect("{}")',
    "curl -H 'X-Auth: {}' https://api.example.org/v1/items",
    "- {}",
    'const session = await open({{ id: "{}", retries: 3 }});',
    "see {} in the old setup",
    "    return `{}`;",
    "export DEPLOY_ID={}",
    '{{"value": "{}"}}',
]

NAMED: dict[str, tuple[Callable[[Draw], str], list[str]]] = {
    "aws secret": (
        lambda draw: draw.of(BASE64, 40),
        ["aws_secret_access_key = {}", 'AWS_SECRET_ACCESS_KEY="{}"', "  secretAccessKey: '{}',", "secret_key: {}"],
    ),
    "azure storage": (
        lambda draw: draw.base64(64),
        ["DefaultEndpointsProtocol=https;AccountName=shop;AccountKey={};EndpointSuffix=core.windows.net"],
    ),
    "azure service bus": (
        lambda draw: draw.base64(32),
        ['"Endpoint=sb://x.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey={}"'],
    ),
    "azure client secret": (
        lambda draw: f"{draw.of(ALL, 3)}8Q~{draw.of(ALL + '_-.~', 34)}",
        ["AZURE_CLIENT_SECRET={}", 'client_secret = "{}"', "clientSecret: {}"],
    ),
    "twilio auth token": (lambda draw: draw.of(HEX, 32), ["TWILIO_AUTH_TOKEN={}", 'auth_token = "{}"']),
    "heroku key": (lambda draw: draw.uuid(), ["HEROKU_API_KEY={}", 'heroku_api_key: "{}"', "heroku.api_key = {}"]),
    "cloudflare token": (
        lambda draw: draw.of(URL, 40),
        ["CLOUDFLARE_API_TOKEN={}", 'api_token = "{}"', "  cloudflare_token: {}"],
    ),
    "cloudflare global key": (lambda draw: draw.of(HEX, 37), ["CF_API_KEY={}", 'X-Auth-Key: "{}"']),
    "datadog": (lambda draw: draw.of(HEX, 32), ["DD_API_KEY={}", "datadog: {{apiKey: '{}'}}"]),
    "generic api key": (
        lambda draw: draw.between(ALL, 20, 40),
        [
            'API_KEY = "{}"',
            "api_key: {}",
            'apiKey: "{}",',
            "x-api-key: {}",
            "GET https://api.example.org/v2/items?api_key={}&page=2",
            'request.headers["X-Api-Key"] = "{}"',
            'os.environ["SERVICE_API_KEY"] = "{}"',
            "ENV MAPS_API_KEY {}",
            '<add key="ApiKey" value="{}" />',
            'val apiKey: String = "{}"',
        ],
    ),
    "slack webhook": (
        lambda draw: f"T{draw.of(UPPER, 9)}/B{draw.of(UPPER, 10)}/{draw.of(ALL, 24)}",
        ["url: https://hooks.slack.com/services/{}"],
    ),
    "discord webhook": (
        lambda draw: f"{draw.of('123456789', 18)}/{draw.of(URL, 68)}",
        ['HOOK = "https://discord.com/api/webhooks/{}"'],
    ),
    "bearer": (
        lambda draw: draw.between(URL, 24, 60),
        [
            "Authorization: Bearer {}",
            'headers = {{"Authorization": "Bearer {}"}}',
            'curl -H "authorization: bearer {}"',
        ],
    ),
    "basic": (
        lambda draw: base64.b64encode(f"admin:{draw.password()}".encode()).decode(),
        ["Authorization: Basic {}", 'req.Header.Set("Authorization", "Basic {}")'],
    ),
    "netrc": (
        lambda draw: draw.password("!$%*-_"),
        ["machine api.example.org login deploy password {}", "  password {}"],
    ),
    "database address": (
        lambda draw: draw.password("-_.!~"),
        [
            "DATABASE_URL=postgres://app:{}@db.example.org:5432/app",
            'engine = create_engine("mysql+pymysql://root:{}@localhost/shop")',
            "mongodb+srv://admin:{}@cluster0.example.net/test?retryWrites=true",
            "redis://:{}@cache:6379/0",
            "  url: amqp://guest:{}@rabbit:5672/%2f",
            "git clone https://deploy:{}@git.example.org/team/app.git",
        ],
    ),
    "connection string": (
        lambda draw: draw.password("!$%*-_@"),
        [
            '"Server=db;Database=shop;User Id=sa;Password={};Encrypt=true"',
            "jdbc:sqlserver://db:1433;user=sa;password={};",
            "host=db user=app password={} sslmode=require",
        ],
    ),
    "quoted password": (
        lambda draw: draw.password("!@#$%^&*-_=+.?"),
        [
            'password = "{}"',
            "self.password = '{}'",
            '  "password": "{}",',
            "DB_PASSWORD: '{}'",
            'String password = "{}";',
            'const password: string = "{}";',
            'let password: &str = "{}";',
            'var dbPassword = "{}"',
            "$password = '{}';",
            "define('DB_PASSWORD', '{}');",
            ":password => '{}',",
            'char password[] = "{}";',
            'if password == "{}":',
            'login(user="root", passwd="{}")',
            "CREATE USER app WITH PASSWORD '{}';",
            'passphrase := "{}"',
            'export PGPASSWORD="{}"',
            "[string]$Password = '{}'",
            '{{\\"password\\": \\"{}\\"}}',
            'user.setPassword("{}");',
        ],
    ),
    "bare password": (
        lambda draw: draw.password("-_.+"),
        [
            "password: {}",
            "  db_password: {}  # changed in March",
            "password = {}",
            "PASSWORD={}",
            "export DB_PASSWORD={}",
            "ENV MYSQL_ROOT_PASSWORD={}",
            "ENV ADMIN_PASSWORD {}",
            "spring.datasource.password={}",
            "requirepass {}",
            "mysql --user=root --password={} shop",
            "tool login --password {}",
            "<password>{}</password>",
            "curl -u admin:{} https://example.org",
            "wget --user=x --password={}",
        ],
    ),
    "named token": (
        lambda draw: draw.between(ALL, 24, 48),
        [
            'token = "{}"',
            "TOKEN={}",
            "access_token: {}",
            '  "refresh_token": "{}",',
            "ARG NPM_TOKEN={}",
            "//registry.example.org/:_authToken={}",
            'client_secret: "{}"',
            "SECRET_KEY = '{}'",
            "const accessToken = '{}';",
            "tool --token {} push",
            "session_secret={}",
            'token: "{}" // staging',
            "private_key_id: {}",
        ],
    ),
}
"""Secrets that what stands around them gives away."""

_MARKS = ["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "DSA PRIVATE KEY", "OPENSSH PRIVATE KEY"]
_MARKS += ["ENCRYPTED PRIVATE KEY", "PGP PRIVATE KEY BLOCK"]


def samples(seed: int = 7, each: int = 2) -> Iterator[Sample]:
    """Yield `each` secrets of every kind in every place that suits it."""
    draw = Draw(seed)
    places = [(kind, make, PLACES) for kind, make in TOKENS.items()]
    places += [(kind, make, lines) for kind, (make, lines) in NAMED.items()]
    for kind, make, lines in places:
        for line in lines:
            for _ in range(each):
                secret = make(draw)
                yield Sample(kind, f"# settings\n{line.format(secret)}\n# end\n", secret)
    for mark in _MARKS:
        for _ in range(each):
            yield from _keys(draw, mark)


def _keys(draw: Draw, mark: str) -> Iterator[Sample]:
    body = draw.lines()
    yield Sample(mark, f"-----BEGIN {mark}-----\n{body}-----END {mark}-----\n", body)
    escaped = body.replace("\n", "\\n")
    yield Sample(mark, f'"key": "-----BEGIN {mark}-----\\n{escaped}-----END {mark}-----\\n",\n', escaped)
    yield Sample(mark, f"text before\n-----BEGIN {mark}-----\n{body}", body)  # cut off by the end of the file
