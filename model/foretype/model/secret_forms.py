"""Secrets that announce themselves: the public forms of the tokens and keys that services issue.

Each form has an anchor, a few bytes that every token of it holds: to search for those, and to try an expression only
where they stand, is several times as fast as to try expressions at every byte. The forms are those that the services
document or that secret scanners publish.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from foretype.model.anchors import Anchors

Span = tuple[int, int]

_LONGEST_BYTES = 8192
"""Of each part of a token without a length of its own: text of nothing but anchors would else be read over and over."""


_UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![0-9a-f])"


@dataclass(frozen=True, slots=True)
class _Form:
    anchor: bytes
    expression: bytes
    """Matched where the anchor stands; the secret is its first group, or all of it where it has none."""
    back: int = 0
    """Bytes before the anchor that belong to the secret."""


def _begins(prefix: str, rest: str) -> _Form:
    """Return the form of tokens that begin with `prefix`."""
    return _Form(prefix.encode(), rf"(?<![A-Za-z0-9]){re.escape(prefix)}{rest}".encode())


def _holds(anchor: str, expression: str, back: int = 0) -> _Form:
    return _Form(anchor.encode(), expression.encode(), back)


_TOKENS = (
    *(_begins(prefix, "[0-9A-Z]{16}(?![0-9A-Za-z])") for prefix in ("AKIA", "ASIA", "ABIA", "ACCA")),  # AWS
    *(_begins(f"gh{kind}_", "[A-Za-z0-9]{30,}") for kind in "pousr"),  # GitHub
    _begins("github_pat_", "[A-Za-z0-9_]{22,}"),
    *(
        _begins(f"{kind}-", "[A-Za-z0-9_-]{20,}")
        for kind in ("glpat", "gldt", "glrt", "glcbt", "glptt", "glft", "glsoat", "glagent", "glimt", "GR1348941")
    ),  # GitLab
    *(_begins(f"xox{kind}-", "[A-Za-z0-9-]{10,}") for kind in "abeoprs"),  # Slack
    _begins("xapp-", "[A-Za-z0-9-]{10,}"),
    _holds("hooks.slack.com/", r"hooks\.slack\.com/(?:services|workflows|triggers)/([A-Za-z0-9/_-]{20,})"),
    _holds("/api/webhooks/", r"/api/webhooks/(\d{15,}/[\w-]{40,})"),  # Discord
    _holds(":AA", r"(?<=\d{8}):AA[A-Za-z0-9_-]{32,34}(?![A-Za-z0-9_-])"),  # Telegram
    _begins("AIza", "[0-9A-Za-z_-]{35}"),  # Google
    _begins("ya29.", "[0-9A-Za-z_-]{20,}"),
    _begins("GOCSPX-", "[0-9A-Za-z_-]{20,}"),
    *(_begins(f"{kind}_{mode}_", "[0-9A-Za-z]{16,}") for kind in ("sk", "rk") for mode in ("live", "test")),  # Stripe
    _begins("whsec_", "[0-9A-Za-z+/]{16,}"),
    _holds("Key=", r"Key=([A-Za-z0-9+/]{40,}={0,2})"),  # Azure
    _holds("sig=", r"(?<=[?&;])sig=([A-Za-z0-9%+/_-]{30,}(?:=|%3D){0,2})"),
    _begins("SK", "[0-9a-f]{32}(?![0-9a-f])"),  # Twilio
    _begins("AC", "[0-9a-f]{32}(?![0-9a-f])"),
    _begins("SG.", r"[\w-]{16,}\.[\w-]{16,}"),  # SendGrid
    _begins("key-", "[0-9a-f]{32}(?![0-9a-f])"),  # Mailgun
    _holds("-us", r"(?<=[0-9a-f]{32})-us\d{1,2}(?!\d)", back=32),  # Mailchimp
    _begins("xkeysib-", "[0-9a-f]{64}-[A-Za-z0-9]{16}"),  # Brevo
    _begins("npm_", "[A-Za-z0-9]{36}"),
    _begins("pypi-", "[A-Za-z0-9_-]{50,}"),
    _begins("rubygems_", "[0-9a-f]{48}"),
    _begins("oy2", "[a-z0-9]{43}(?![a-z0-9])"),  # NuGet
    *(_begins(f"do{kind}_v1_", "[0-9a-f]{64}") for kind in "opr"),  # DigitalOcean
    _begins("hf_", "[A-Za-z0-9]{30,}"),  # Hugging Face
    _begins("sk-ant-", "[A-Za-z0-9_-]{20,}"),
    _begins("sk-", "(?=[A-Za-z_-]{0,40}[0-9])(?:proj-|svcacct-|or-v1-)?[A-Za-z0-9_-]{32,}"),  # OpenAI
    _begins("gsk_", "[A-Za-z0-9]{40,}"),
    _begins("xai-", "[A-Za-z0-9]{40,}"),
    _begins("r8_", "[A-Za-z0-9]{37}"),
    _begins("pplx-", "[A-Za-z0-9]{40,}"),
    *(_begins(f"shp{kind}_", "[0-9a-fA-F]{32}") for kind in ("at", "ca", "pa", "ss")),  # Shopify
    *(_begins(f"sq0{kind}-", r"[\w-]{22,}") for kind in ("atp", "csp", "idp")),  # Square
    _begins("EAAA", r"[\w-]{60}(?![\w-])"),
    _begins("HRKU-", "[A-Za-z0-9_-]{30,}"),  # Heroku
    _begins("v1.0-", "[0-9a-f]{24}-[0-9a-f]{100,}"),  # Cloudflare
    _begins("dapi", "[0-9a-f]{32}(?![0-9a-f])"),  # Databricks
    _begins("dckr_pat_", "[A-Za-z0-9_-]{20,}"),
    _begins("lin_api_", "[A-Za-z0-9]{30,}"),
    _begins("ntn_", "[A-Za-z0-9]{40,}"),
    _begins("PMAK-", "[0-9a-f]{24}-[0-9a-f]{34}"),
    _begins("pul-", "[0-9a-f]{40}(?![0-9a-f])"),
    _begins("figd_", "[A-Za-z0-9_-]{30,}"),
    _begins("ATATT3x", "[A-Za-z0-9_=-]{50,}"),  # Atlassian
    _begins("sntrys_", "[A-Za-z0-9+/=_]{30,}"),
    _begins("hvs.", "[A-Za-z0-9_-]{24,}"),  # Vault
    _begins("glsa_", "[A-Za-z0-9]{32}_[0-9a-f]{8}"),  # Grafana
    _begins("AGE-SECRET-KEY-1", "[0-9A-Z]{50,}"),
    *(_begins(f"dt0{kind}01.", r"[A-Z0-9]{24}\.[A-Z0-9]{64}") for kind in "cs"),  # Dynatrace
    *(
        _begins(f"dp.{kind}.", r"(?:[\w-]+\.)?[A-Za-z0-9]{40,}") for kind in ("pt", "st", "ct", "sa", "scim", "audit")
    ),  # Doppler
    _begins("fo1_", r"[\w-]{43}"),  # Fly.io
    *(_begins(f"pscale_{kind}_", r"[\w=.-]{32,}") for kind in ("tkn", "pw", "oauth")),
    _begins("pat-", f"(?:na|eu|ap)[0-9]-{_UUID}"),  # HubSpot
    *(_begins(f"{kind}-", _UUID) for kind in ("sdk", "api", "mob")),  # LaunchDarkly
    _begins("aio_", "[A-Za-z0-9]{28}"),  # Adafruit
    _begins("CFPAT-", r"[\w-]{43}"),  # Contentful
    *(_begins(prefix, "[A-Za-z0-9]{54}") for prefix in ("EZAK", "EZTK")),  # EasyPost
    _begins("fio-u-", r"[\w-]{64}"),
    *(_begins(f"NR{kind}-", r"[\w-]{27,}") for kind in ("AK", "II", "JS")),  # New Relic
    _begins("secret_", "[A-Za-z0-9]{43}(?![A-Za-z0-9])"),  # Notion
    _begins("sha256~", r"[\w-]{43}"),  # OpenShift
    *(_begins(f"{kind}_", "[A-Za-z0-9]{36}(?![A-Za-z0-9])") for kind in ("pnu", "pnb", "ddp", "ddw")),  # Prefect, Deno
    *(_begins(f"nf{kind}_", "[A-Za-z0-9]{36}(?![A-Za-z0-9])") for kind in "pcoub"),  # Netlify
    _begins("tk-us-", r"[\w-]{48}"),  # Scalingo
    _begins("xsmtpsib-", "[0-9a-f]{64}-[A-Za-z0-9]{16}"),
    _begins("sb_secret_", r"[\w-]{31}"),  # Supabase
    *(
        _begins(f"tskey-{kind}-", "[A-Za-z0-9]+-[A-Za-z0-9]{20,}")
        for kind in ("auth", "api", "client", "scim", "webhook")
    ),
    _begins("tfp_", r"[\w-]{40,}"),  # Typeform
    _begins(
        "s.", "(?=[A-Za-z]{0,23}[0-9])(?=[a-z0-9]{0,23}[A-Z])[A-Za-z0-9]{24}(?![A-Za-z0-9_(.])"
    ),  # Vault, before 1.10
    _begins("t1.", r"[A-Z0-9a-z_-]+=*\.[A-Z0-9a-z_-]{86}=*"),  # Yandex
    _begins("AQVN", r"[\w-]{35,38}(?![\w-])"),
    _begins("AKCp", "[A-Za-z0-9]{60,}"),  # Artifactory
    _begins("cmVmd", "[A-Za-z0-9]{59}(?![A-Za-z0-9])"),
    _begins("cio", "(?=[A-Za-z]{0,31}[0-9])[A-Za-z0-9]{32}(?![A-Za-z0-9])"),  # crates.io
    *(_begins(f"duffel_{mode}_", r"[\w-]{43}") for mode in ("test", "live")),
    *(_begins(f"lsv2_{kind}_", "[0-9a-f]{32}_[0-9a-f]{10}") for kind in ("pt", "sk")),  # LangSmith
    _begins("fw_", "(?=[A-Za-z]{0,23}[0-9])[A-Za-z0-9]{24}(?![A-Za-z0-9])"),  # Fireworks
    _begins("tvly-", "(?:dev-|prod-)?[A-Za-z0-9]{28,}"),
    *(_begins(f"ph{kind}_", "[A-Za-z0-9]{40,}") for kind in "cx"),  # PostHog
    _begins("re_", "(?=[A-Za-z_]{0,32}[0-9])[A-Za-z0-9]{8}_[A-Za-z0-9]{24}(?![A-Za-z0-9])"),  # Resend
    _begins("BBFF-", "[A-Za-z0-9]{30,}"),  # Ubidots
    *(_begins(f"sk_org_{mode}_", "[0-9A-Za-z]{16,}") for mode in ("live", "test")),  # Stripe
    *(_begins(f"rzp_{mode}_", "[A-Za-z0-9]{14}(?![A-Za-z0-9])") for mode in ("live", "test")),  # Razorpay
    *(_begins(f"gt{kind}_", "[A-Za-z0-9]{40,}") for kind in "ao"),  # Gitea
    _begins("pcsk_", r"\w{40,}"),  # Pinecone
    _begins("rnd_", "(?=[A-Za-z]{0,27}[0-9])[A-Za-z0-9]{28}(?![A-Za-z0-9])"),  # Render
    _begins("LTAI", "[A-Za-z0-9]{12,20}(?![A-Za-z0-9])"),  # Alibaba
    _begins("AKID", "[A-Za-z0-9]{32}(?![A-Za-z0-9])"),  # Tencent
    _begins("eyJ", r"[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]{8,})?"),  # JSON web tokens
)

_BODIES = (
    # headers of an encrypted key hold single dashes; a key that is cut off ends with the text around it
    _holds("PRIVATE KEY", r"PRIVATE KEY(?: BLOCK)?-----(?=[\\\s])((?:[^-]|-(?!----)){16,16000})(?=-----END|\Z|\n\n)"),
    _holds("Private-Lines:", r"Private-Lines: \d+\r?\n((?:[A-Za-z0-9+/=]+\r?\n)+)"),  # PuTTY
)


_DOTTED = rb"\.(?:(?<=[MNO][\w-]{23}\.)|(?<=[MNO][\w-]{25}\.))[\w-]{6}\.[\w-]{25,45}(?![\w-])"
"""Of Discord; no bytes announce it but a dot, which an expression that begins with it finds by itself."""


def spans(text: bytes) -> Iterator[Span]:
    """Yield where secrets of a known form stand in `text`."""
    anchors, patterns, dotted = _compiled()
    for at, number in anchors.places(text):
        pattern, back = patterns[number]
        if (match := pattern.match(text, at)) is not None:
            start, end = match.span(pattern.groups)
            yield start - back, end
    found = dotted.search(text)
    while found is not None:
        yield found.span()
        found = dotted.search(text, found.start() + 1)


@cache
def _compiled() -> tuple[Anchors, list[tuple[re.Pattern[bytes], int]], re.Pattern[bytes]]:
    """Compile all forms when they are first needed, which takes longer than a server may take to start."""
    forms = (*_TOKENS, *_BODIES)
    longest = b",%d}" % _LONGEST_BYTES
    patterns = [(re.compile(form.expression.replace(b",}", longest)), form.back) for form in forms]
    return Anchors([form.anchor for form in forms]), patterns, re.compile(_DOTTED)
