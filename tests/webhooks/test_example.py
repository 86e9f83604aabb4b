"""The verification that docs/webhooks.md shows works as it stands there."""

import base64
import re
import textwrap
from typing import Any

from service.webhooks.sending import signed
from tests.client import ROOT


def test_the_documented_verification_takes_what_is_signed_and_nothing_else() -> None:
    text = (ROOT / "docs/webhooks.md").read_text()
    [example] = re.findall(r"```python\n(.*?)```", text, re.S)
    names: dict[str, Any] = {}
    exec(textwrap.dedent(example), names)
    body, secrets = b'{"type": "test"}', [b"n" * 32, b"o" * 32]
    headers = signed("an id", body, secrets)

    def verified(secret: bytes, headers: dict[str, str] = headers, body: bytes = body) -> bool:
        shown = f"whsec_{base64.b64encode(secret).decode()}"
        return bool(names["verified"](shown, headers, body))

    assert all(verified(secret) for secret in secrets)
    assert not verified(b"x" * 32)
    assert not verified(secrets[0], body=b"{}")
    assert not verified(secrets[0], headers={**headers, "webhook-id": "another"})
    old = str(int(headers["webhook-timestamp"]) - 600)
    assert not verified(secrets[0], headers={**headers, "webhook-timestamp": old})
