"""A dashboard inside another page, such as a notebook, for somebody who has no user in Superset.

    token = embedding.guest_token("operations", clause="country = 'DE'")
    display(HTML(embedding.html("operations", token)))

The page that embeds asks Superset for a token (here as administrator), which opens that one
dashboard, and of it only the rows of the clause, for an hour.
"""

from __future__ import annotations

import html as escaping
import json
import secrets

from taproom.errors import TaproomError
from taproom.services import superset
from taproom.services.superset.client import Client, Refused

__all__ = ["embedded_id", "guest_token", "html"]

# The handshake of Superset's own embedding library, which is not in the wheel: a channel is handed
# to the frame once it has loaded, and the token sent through it.
PAGE = """<iframe id="{frame}" title="{title}" src="{url}/embedded/{embedded}"
  style="width:100%;height:{height}px;border:1px solid #d0d0d0"></iframe>
<script>
(() => {{
  const frame = document.getElementById({frame_json});
  frame.addEventListener("load", () => {{
    const channel = new MessageChannel();
    frame.contentWindow.postMessage(
      {{ type: "__embedded_comms__", handshake: "port transfer" }}, {url_json}, [channel.port2]);
    channel.port1.start();
    channel.port1.postMessage({{
      switchboardAction: "emit", method: "guestToken", args: {{ guestToken: {token_json} }} }});
  }});
}})();
</script>"""


def embedded_id(admin: Client, slug: str) -> str:
    """The identifier under which a dashboard may be embedded; allowed on first use."""
    try:
        return admin.get(f"dashboard/{slug}/embedded")["result"]["uuid"]
    except Refused as refused:
        if refused.status != 404:
            raise
    try:
        return admin.post(f"dashboard/{slug}/embedded", {"allowed_domains": []})["result"]["uuid"]
    except Refused as refused:
        if refused.status != 404:
            raise
        raise TaproomError(
            f"Superset has no dashboard at {slug}.", remedy="run ./taproom superset import"
        ) from refused


def guest_token(slug: str, clause: str | None = None, admin: Client | None = None) -> str:
    """A token that opens one dashboard for an hour, limited to the rows of `clause` (SQL)."""
    with admin or superset.client() as session:
        answer = session.post(
            "security/guest_token/",
            {
                "user": {"username": "guest", "first_name": "A", "last_name": "Guest"},
                "resources": [{"type": "dashboard", "id": embedded_id(session, slug)}],
                "rls": [{"clause": clause}] if clause else [],
            },
        )
    return answer["token"]


def html(slug: str, token: str, height: int = 720) -> str:
    """A frame with the dashboard, for display in a notebook at this machine."""
    with superset.client() as admin:
        embedded = embedded_id(admin, slug)
    frame = f"superset-{secrets.token_hex(4)}"
    return PAGE.format(
        frame=frame,
        frame_json=json.dumps(frame),
        title=escaping.escape(f"Dashboard {slug}"),
        url=superset.url(),
        url_json=json.dumps(superset.url()),
        embedded=embedded,
        height=height,
        token_json=json.dumps(token),
    )
