"""Roles, users and row-level security of Superset, as superset/access.yaml says.

    with superset.client() as admin:
        access.apply(admin)            what was changed, in words; nothing when run again

Dashboards and datasets come by import; a role gets those that are there, so apply after importing.
"""

from __future__ import annotations

import hashlib
from typing import Any

import yaml

from taproom import settings
from taproom.errors import TaproomError
from taproom.services import mail
from taproom.services.superset import place
from taproom.services.superset.client import Client, Refused

DATABASE = "Taproom"


def wanted() -> dict[str, Any]:
    """What superset/access.yaml says: permissions, roles, users, row_level_security."""
    return yaml.safe_load((settings.repo() / "superset" / "access.yaml").read_text())


def apply(admin: Client, access: dict[str, Any] | None = None) -> list[str]:
    """Make roles, users and rules as wanted; a line for each thing that had to be changed.

    Raises TaproomError when a permission is named that this release of Superset does not know.
    """
    access = access or wanted()
    datasets = list(admin.all("dataset"))
    dashboards = {d["slug"]: d for d in admin.all("dashboard") if d["slug"]}
    told = [
        *_roles(admin, access, datasets, dashboards),
        *_dashboards(admin, access, dashboards),
        *_users(admin, access),
        *_rules(admin, access, datasets),
    ]
    return told


def _roles(
    admin: Client, access: dict[str, Any], datasets: list[dict], dashboards: dict[str, dict]
) -> list[str]:
    known = _known_permissions(admin)
    there = _known_roles(admin)
    told = []
    for name, role in access["roles"].items():
        names = [p for group in role["may"] for p in access["permissions"][group]]
        missing = sorted(set(names) - set(known))
        if missing:
            raise TaproomError(
                f"Superset knows no permission called {', '.join(missing)}.",
                where=f"role {name} in superset/access.yaml",
                remedy="take the names from Settings, List Roles",
            )
        if role.get("everything"):
            names += [p for p in known if p.startswith(f"database_access [{DATABASE}].")]
        seen = {
            d["id"]
            for slug in role["dashboards"]
            if slug in dashboards
            for d in admin.get(f"dashboard/{dashboards[slug]['id']}/datasets")["result"]
        }
        for dataset in datasets:
            permission = (
                f"datasource_access [{dataset['database']['database_name']}]"
                f".[{dataset['table_name']}](id:{dataset['id']})"
            )
            if dataset["id"] in seen and permission in known:
                names.append(permission)
        ids = {known[p] for p in names}
        if name not in there:
            made = admin.post("security/roles/", {"name": name})
            there[name] = {"id": made["id"], "permission_ids": []}
            told.append(f"role {name}: made")
        if set(there[name]["permission_ids"]) != ids:
            admin.post(
                f"security/roles/{there[name]['id']}/permissions",
                {"permission_view_menu_ids": sorted(ids)},
            )
            told.append(f"role {name}: {len(ids)} permissions")
    return told


def _dashboards(admin: Client, access: dict[str, Any], dashboards: dict[str, dict]) -> list[str]:
    """A dashboard that names roles is shown to them only."""
    roles = {name: role["id"] for name, role in _known_roles(admin).items()}
    told = []
    for slug, dashboard in sorted(dashboards.items()):
        viewers = {n: roles[n] for n, r in access["roles"].items() if slug in r["dashboards"]}
        if not viewers:
            continue
        now = admin.get(f"dashboard/{dashboard['id']}")["result"]
        if {r["id"] for r in now["roles"]} != set(viewers.values()):
            admin.put(f"dashboard/{dashboard['id']}", {"roles": sorted(viewers.values())})
            told.append(f"dashboard {slug}: for {', '.join(sorted(viewers))}")
    return told


def _users(admin: Client, access: dict[str, Any]) -> list[str]:
    roles = {name: role["id"] for name, role in _known_roles(admin).items()}
    there = {u["username"]: u for u in _pages(admin, "security/users/")}
    mark = place.folder() / "passwords"
    passwords = "\n".join(f"{name} {settings.password(name)}" for name in sorted(access["users"]))
    due = hashlib.sha256(f"{place.secret('secret_key')}\n{passwords}".encode()).hexdigest()
    renew = not mark.exists() or mark.read_text() != due
    told = []
    for name, user in access["users"].items():
        ids = sorted(roles[r] for r in user["roles"])
        if name not in there:
            admin.post(
                "security/users/",
                {
                    "username": name,
                    "first_name": user["name"][0],
                    "last_name": user["name"][1],
                    "email": mail.address(name),
                    "active": True,
                    "password": settings.password(name),
                    "roles": ids,
                },
            )
            told.append(f"user {name}: made")
            continue
        change: dict[str, Any] = {}
        if sorted(r["id"] for r in there[name]["roles"]) != ids:
            change["roles"] = ids
        if renew:
            change["password"] = settings.password(name)
        if change:
            admin.put(f"security/users/{there[name]['id']}", change)
            told.append(f"user {name}: {' and '.join(change)} set")
    mark.touch(mode=0o600)
    mark.write_text(due)
    return told


def _rules(admin: Client, access: dict[str, Any], datasets: list[dict]) -> list[str]:
    roles = {name: role["id"] for name, role in _known_roles(admin).items()}
    there = {r["name"]: r for r in admin.get("rowlevelsecurity/", q={"page_size": 100})["result"]}
    told = []
    for rule in access["row_level_security"]:
        tables = [d["id"] for d in datasets if rule["column"] in _columns(admin, d["id"])]
        if not tables:
            continue
        body = {
            "name": rule["name"],
            "description": rule["description"],
            "filter_type": "Regular",
            "group_key": "",
            "clause": rule["clause"],
            "roles": sorted(roles[r] for r in rule["roles"]),
            "tables": sorted(tables),
        }
        now = there.get(rule["name"])
        if now is None:
            admin.post("rowlevelsecurity/", body)
            told.append(f"row-level security {rule['name']}: made for {len(tables)} datasets")
        elif (
            sorted(t["id"] for t in now["tables"]) != body["tables"]
            or sorted(r["id"] for r in now["roles"]) != body["roles"]
            or now["clause"] != body["clause"]
        ):
            admin.put(f"rowlevelsecurity/{now['id']}", body)
            told.append(f"row-level security {rule['name']}: now for {len(tables)} datasets")
    return told


def _columns(admin: Client, dataset: int) -> set[str]:
    try:
        answer = admin.get(f"dataset/{dataset}", q={"columns": ["columns.column_name"]})
    except Refused as refused:
        # Somebody may delete a dataset of theirs meanwhile.
        if refused.status != 404:
            raise
        return set()
    return {c["column_name"] for c in answer["result"]["columns"]}


def _known_permissions(admin: Client) -> dict[str, int]:
    return {
        f"{p['permission']['name']} {p['view_menu']['name']}": p["id"]
        for p in _pages(admin, "security/permissions-resources/")
    }


def _known_roles(admin: Client) -> dict[str, dict]:
    return {r["name"]: r for r in _pages(admin, "security/roles/search/")}


def _pages(admin: Client, path: str) -> list[dict]:
    # More than 100 a page are cut without a word.
    found: list[dict] = []
    while True:
        q = {"page": len(found) // 100, "page_size": 100, "order_column": "id"}
        answer = admin.get(path, q=q | {"order_direction": "asc"})
        found += answer["result"]
        if len(answer["result"]) < 100:
            return found
