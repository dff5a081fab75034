"""The server's settings, sized for a laptop or a classroom machine of two cores."""

from __future__ import annotations

import os

import psutil

MB = 1024 * 1024


def settings_text(port: int) -> str:
    """The content of taproom.conf, which postgresql.conf includes last."""
    memory = psutil.virtual_memory().total // MB
    cores = os.cpu_count() or 2
    # TAPROOM_PG_SHARED_BUFFERS: the tests start several servers side by side.
    shared = os.environ.get("TAPROOM_PG_SHARED_BUFFERS") or f"{max(64, min(512, memory // 8))}MB"
    lines = {
        # Reached from this machine only, by TCP only, with a password.
        "listen_addresses": "'127.0.0.1'",
        "port": port,
        "unix_socket_directories": "''",
        "password_encryption": "'scram-sha-256'",
        "max_connections": 80,
        # All instants are UTC, whatever the machine's zone.
        "timezone": "'UTC'",
        "log_timezone": "'UTC'",
        "shared_buffers": shared,
        "effective_cache_size": f"{memory // 2}MB",
        "work_mem": f"{max(16, min(64, memory // 128))}MB",
        "maintenance_work_mem": f"{max(64, min(256, memory // 16))}MB",
        "max_parallel_workers_per_gather": min(2, cores // 2),
        "max_parallel_maintenance_workers": min(2, cores // 2),
        "max_worker_processes": 8,
        "random_page_cost": 1.1,
        # Builds write a lot and then rest: fewer, wider checkpoints.
        "max_wal_size": "'2GB'",
        "min_wal_size": "'128MB'",
        "checkpoint_timeout": "'15min'",
        # No replicas here, so tables made in one transaction need no log of their own.
        "wal_level": "'minimal'",
        "max_wal_senders": 0,
        # A large load writes by two sessions that commit as one (taproom.ingest.pair).
        "max_prepared_transactions": 8,
        # synchronous_commit stays on: after kill -9 what a command said it did is done, and a
        # file beside the database never knows more than the database.
        "shared_preload_libraries": "'pg_stat_statements'",
        "log_min_duration_statement": "'30s'",
        "log_line_prefix": "'%m [%p] %q%u@%d '",
    }
    body = "\n".join(f"{name} = {value}" for name, value in lines.items())
    return f"# Written by ./taproom at each start; `alter system` overrides it.\n{body}\n"


# Only encrypted passwords, only from this machine.
ACCESS_RULES = "host all all 127.0.0.1/32 scram-sha-256\n"
