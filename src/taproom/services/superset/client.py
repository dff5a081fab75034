"""Superset's REST API, as a signed-in user sees it.

    with Client("http://127.0.0.1:8088", "admin", password) as superset:
        superset.get("chart/", q={"page_size": 100})["result"]
        superset.rows(superset.chart_data(12))

Paths are below /api/v1/. Answers are the JSON as it came; a refusal raises `Refused`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import requests

from taproom.errors import TaproomError

# Superset gives at most 100 rows a page; larger pages are cut without a word.
PAGE = 100
# Pages want an order that stays; not every list may be sorted by its id.
ORDER = {"chart": "slice_name", "dashboard": "dashboard_title", "dataset": "table_name"}


class Refused(TaproomError):
    """Superset answered, and not with what was asked for.

    `status` is the HTTP status, `message` Superset's own words.
    """

    def __init__(self, status: int, message: str, where: str) -> None:
        super().__init__(f"Superset refused ({status}): {message}", where=where)
        self.status = status
        self.message = message


class Client:
    """One user's session.

    Changes need three things at once: the token of the login, a CSRF token, and the cookie of
    the very session that token was given in.
    """

    def __init__(self, url: str, user: str, password: str, timeout: float = 120) -> None:
        self.url = url.rstrip("/")
        self.user = user
        self.timeout = timeout
        self._http = requests.Session()
        # Nothing here is meant for a proxy of the surroundings.
        self._http.trust_env = False
        answer = self._ask(
            "post",
            "security/login",
            json={"username": user, "password": password, "provider": "db", "refresh": False},
        )
        self._http.headers["Authorization"] = f"Bearer {answer['access_token']}"
        self._http.headers["X-CSRFToken"] = self.get("security/csrf_token/")["result"]
        self._http.headers["Referer"] = self.url

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def get(self, path: str, q: Any = None, **params: Any) -> dict:
        """What is at `path`; `q` is Superset's query argument (filters, page), a dictionary."""
        if q is not None:
            params["q"] = json.dumps(q)
        return self._ask("get", path, params=params)

    def post(self, path: str, body: Any = None, **more: Any) -> dict:
        """Send `body` as JSON; `data` and `files` instead send a form; `timeout` is in seconds."""
        return self._ask("post", path, json=body, **more)

    def put(self, path: str, body: Any) -> dict:
        """Change what is at `path`."""
        return self._ask("put", path, json=body)

    def delete(self, path: str, **params: Any) -> dict:
        """Remove what is at `path`."""
        return self._ask("delete", path, params=params)

    def bytes(self, path: str, **params: Any) -> bytes:
        """What is at `path` when it is no JSON: an export, a picture."""
        return self._send("get", path, params=params).content

    def all(self, kind: str, **q: Any) -> Iterator[dict]:
        """Every object of a kind (chart, dashboard, dataset, database …) the user may see."""
        page, seen = 0, 0
        if kind in ORDER:
            q = {"order_column": ORDER[kind], "order_direction": "asc", **q}
        while True:
            answer = self.get(f"{kind}/", q=q | {"page": page, "page_size": PAGE})
            yield from answer["result"]
            seen += len(answer["result"])
            page += 1
            if not answer["result"] or seen >= answer["count"]:
                return

    def chart_data(self, chart: int, fresh: bool = False) -> dict:
        """The answer to a saved chart's own queries; `fresh` asks the database, not the cache."""
        more = {"force": "true"} if fresh else {}
        return self.get(f"chart/{chart}/data/", **more)

    def query(self, context: dict) -> dict:
        """The answer to a query context that no chart need have."""
        return self.post("chart/data", context)

    @staticmethod
    def rows(answer: dict, query: int = 0) -> list[dict]:
        """The rows of one query of an answer."""
        return answer["result"][query]["data"]

    def _ask(self, method: str, path: str, **how: Any) -> dict:
        answer = self._send(method, path, **how)
        try:
            return answer.json() if answer.content else {}
        except ValueError:
            raise Refused(
                answer.status_code, "the answer is not JSON", f"{method.upper()} {answer.url}"
            ) from None

    def _send(self, method: str, path: str, **how: Any) -> requests.Response:
        target = f"{self.url}/api/v1/{path}"
        how.setdefault("timeout", self.timeout)
        try:
            answer = self._http.request(method, target, **how)
            if answer.status_code == 429:
                # The login is limited to a few a second, also for tests that sign in often.
                time.sleep(1)
                answer = self._http.request(method, target, **how)
        except requests.RequestException as error:
            raise TaproomError(
                "Superset does not answer.",
                where=f"{method.upper()} {target}\n{error}",
                remedy="./taproom up superset",
            ) from error
        if not answer.ok:
            raise Refused(answer.status_code, _message(answer), f"{method.upper()} {answer.url}")
        return answer


def _message(answer: requests.Response) -> str:
    # Superset has three shapes of refusal: {"message": …}, {"errors": [{"message": …}]}, a page.
    try:
        body = answer.json()
    except ValueError:
        return answer.reason or "no reason given"
    found = body.get("message") or [
        {"message": e.get("message"), **(e.get("extra") or {})} for e in body.get("errors", [])
    ]
    return found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)
