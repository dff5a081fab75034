"""Runs in Superset's environment: its tables, its built-in roles, the administrator.

    python prepare.py USER EMAIL     (the password is read from standard input)

`superset db upgrade`, `fab create-admin` and `init` are three processes of twenty seconds each,
most of it imports. Here they share one.
"""

import sys

from flask_migrate import upgrade
from superset.app import create_app


def main(user, email):
    """Upgrade the tables, let the roles follow this release, make the user or set the password."""
    password = sys.stdin.read().strip()
    app = create_app()
    with app.app_context():
        upgrade()
        from superset import appbuilder, db, security_manager

        appbuilder.add_permissions(update_perms=True)
        security_manager.sync_role_definitions()
        known = security_manager.find_user(username=user)
        if known:
            security_manager.reset_password(known.id, password)
        else:
            made = security_manager.add_user(
                user,
                "Taproom",
                "Administrator",
                email,
                security_manager.find_role("Admin"),
                password,
            )
            if not made:
                raise SystemExit(f"the user {user} could not be made")
        db.session.commit()


if __name__ == "__main__":
    main(*sys.argv[1:])
