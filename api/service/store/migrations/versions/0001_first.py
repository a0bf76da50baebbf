"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """From an empty database."""
    _tenants_and_keys()
    _parks_and_projects()
    _assessments()
    _decisions_and_runs()
    _work()
    _records()
    _webhooks()
    for table, key in (("audit", ("tenant", "sequence")), ("park_versions", ("tenant", "park_id", "version"))):
        _only_added_to(table, key)


def _tenants_and_keys() -> None:
    op.create_table(
        "tenants",
        *_text("id", "name", "created"),
        sa.PrimaryKeyConstraint("id", name="pk_tenants"),
    )
    op.create_table(
        "keys",
        *_text("id", "tenant", "role", "name", "secret_hash", "created", "created_by"),
        *_maybe("expires", "revoked", "last_used"),
        _of_tenant("keys"),
        sa.PrimaryKeyConstraint("id", name="pk_keys"),
    )
    op.create_index("ix_keys_tenant_created_id", "keys", ["tenant", "created", "id"])
    op.create_table(
        "workers",
        *_text("id", "started", "seen"),
        sa.PrimaryKeyConstraint("id", name="pk_workers"),
    )


def _parks_and_projects() -> None:
    op.create_table(
        "parks",
        *_text("tenant", "id", "name", "created", "created_by"),
        _of_tenant("parks"),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_parks"),
    )
    op.create_index("ix_parks_tenant_created_id", "parks", ["tenant", "created", "id"])
    op.create_table(
        "park_versions",
        *_text("tenant", "park_id"),
        *_number("version"),
        *_text("input_digest", "rulebook"),
        *_number("units"),
        *_text("source_name", "source_sha256"),
        *_number("problems"),
        *_text("created", "created_by"),
        sa.ForeignKeyConstraint(
            ["tenant", "park_id"], ["parks.tenant", "parks.id"], name="fk_park_versions_tenant_park_id"
        ),
        _of_tenant("park_versions"),
        sa.PrimaryKeyConstraint("tenant", "park_id", "version", name="pk_park_versions"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "projects",
        *_text("tenant", "id", "name", "project_digest", "source_name", "source_sha256"),
        *_number("problems"),
        *_text("created", "created_by"),
        _of_tenant("projects"),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_projects"),
    )
    op.create_index("ix_projects_tenant_created_id", "projects", ["tenant", "created", "id"])


def _assessments() -> None:
    op.create_table(
        "assessments",
        *_text("tenant", "id"),
        *_maybe("park_id"),
        *_maybe_number("version"),
        *_text("request_digest"),
        *_maybe("rules"),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        *_maybe("settings"),
        *_text("status"),
        *_maybe("result_digest", "grade_letter", "grade_bounds", "summary"),
        *_text("created", "created_by"),
        sa.ForeignKeyConstraint(
            ["tenant", "park_id", "version"],
            ["park_versions.tenant", "park_versions.park_id", "park_versions.version"],
            name="fk_assessments_tenant_park_id_version",
        ),
        _of_tenant("assessments"),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_assessments"),
        sa.UniqueConstraint("tenant", "request_digest", name="uq_assessments_tenant_request_digest"),
    )
    op.create_index("ix_assessments_tenant_created_id", "assessments", ["tenant", "created", "id"])
    op.create_index("ix_assessments_tenant_park_id_created_id", "assessments", ["tenant", "park_id", "created", "id"])


def _decisions_and_runs() -> None:
    op.create_table(
        "decisions",
        *_text("tenant", "id", "request_digest", "standing"),
        *_maybe("park_id"),
        *_maybe_number("version"),
        *_maybe("project_id"),
        *_text("status"),
        *_maybe("verdict", "summary", "result_digest"),
        *_text("created", "created_by"),
        sa.ForeignKeyConstraint(
            ["tenant", "park_id", "version"],
            ["park_versions.tenant", "park_versions.park_id", "park_versions.version"],
            name="fk_decisions_tenant_park_id_version",
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "project_id"], ["projects.tenant", "projects.id"], name="fk_decisions_tenant_project_id"
        ),
        _of_tenant("decisions"),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_decisions"),
        sa.UniqueConstraint("tenant", "request_digest", "standing", name="uq_decisions_tenant_request_digest_standing"),
    )
    op.create_index("ix_decisions_tenant_created_id", "decisions", ["tenant", "created", "id"])
    op.create_table(
        "runs",
        *_text("tenant", "id", "kind", "request_digest"),
        *_maybe("park_id"),
        *_maybe_number("version"),
        *_maybe("subject_id"),
        *_text("status"),
        *_maybe("summary", "result_digest"),
        *_text("created", "created_by"),
        sa.ForeignKeyConstraint(
            ["tenant", "park_id", "version"],
            ["park_versions.tenant", "park_versions.park_id", "park_versions.version"],
            name="fk_runs_tenant_park_id_version",
        ),
        _of_tenant("runs"),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_runs"),
        sa.UniqueConstraint("tenant", "kind", "request_digest", name="uq_runs_tenant_kind_request_digest"),
    )
    op.create_index("ix_runs_tenant_created_id", "runs", ["tenant", "created", "id"])
    op.create_index("ix_runs_tenant_subject_id_created_id", "runs", ["tenant", "subject_id", "created", "id"])


def _work() -> None:
    op.create_table(
        "jobs",
        *_text("tenant", "id", "process", "owner_id", "arguments_digest", "status", "stage"),
        sa.Column("share", sa.Float(), nullable=False),
        *_text("message"),
        *_number("attempts"),
        *_text("created", "created_by"),
        *_maybe("started", "finished"),
        *_text("updated"),
        *_maybe("error"),
        _of_tenant("jobs"),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_jobs"),
    )
    op.create_index("ix_jobs_status", "jobs", ["status"])
    op.create_index("ix_jobs_tenant_created_id", "jobs", ["tenant", "created", "id"])
    op.create_index("ix_jobs_tenant_owner_id", "jobs", ["tenant", "owner_id"])
    op.create_table(
        "artifacts",
        *_text("tenant", "owner_kind", "owner_id", "name", "media_type", "sha256"),
        *_number("size"),
        *_text("packing"),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        _of_tenant("artifacts"),
        sa.PrimaryKeyConstraint("tenant", "owner_kind", "owner_id", "name", name="pk_artifacts"),
    )


def _records() -> None:
    op.create_table(
        "audit",
        *_text("tenant"),
        *_number("sequence"),
        *_text("at", "entry", "previous", "hash"),
        _of_tenant("audit"),
        sa.PrimaryKeyConstraint("tenant", "sequence", name="pk_audit"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "idempotency",
        *_text("tenant", "route", "key", "request_digest"),
        *_maybe_number("status"),
        *_maybe("resource"),
        *_text("created"),
        _of_tenant("idempotency"),
        sa.PrimaryKeyConstraint("tenant", "route", "key", name="pk_idempotency"),
    )


def _webhooks() -> None:
    op.create_table(
        "webhooks",
        *_text("tenant", "id", "url", "secret", "events"),
        sa.Column("active", sa.Boolean(), nullable=False),
        *_text("created", "created_by"),
        _of_tenant("webhooks"),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_webhooks"),
    )
    op.create_index("ix_webhooks_tenant_created_id", "webhooks", ["tenant", "created", "id"])
    op.create_table(
        "deliveries",
        *_text("tenant", "id", "webhook_id", "event", "payload", "status"),
        *_number("attempts"),
        *_maybe("due"),
        *_maybe_number("answer"),
        *_text("message", "created", "updated"),
        sa.ForeignKeyConstraint(
            ["tenant", "webhook_id"], ["webhooks.tenant", "webhooks.id"], name="fk_deliveries_tenant_webhook_id"
        ),
        _of_tenant("deliveries"),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_deliveries"),
    )
    op.create_index("ix_deliveries_status_due", "deliveries", ["status", "due"])
    op.create_index(
        "ix_deliveries_tenant_webhook_id_created_id", "deliveries", ["tenant", "webhook_id", "created", "id"]
    )


def _only_added_to(table: str, key: tuple[str, ...]) -> None:
    """Let the database refuse to change or delete a row of the table, whoever asks."""
    if op.get_bind().dialect.name == "sqlite":
        same = " AND ".join(f"{column} = NEW.{column}" for column in key)
        refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is only added to'); END"
        op.execute(f"CREATE TRIGGER {table}_not_updated BEFORE UPDATE ON {table} {refuse}")
        op.execute(f"CREATE TRIGGER {table}_not_deleted BEFORE DELETE ON {table} {refuse}")
        exists = f"EXISTS (SELECT 1 FROM {table} WHERE {same})"  # INSERT OR REPLACE deletes without asking
        op.execute(f"CREATE TRIGGER {table}_not_replaced BEFORE INSERT ON {table} WHEN {exists} {refuse}")
        return
    refuse = f"BEGIN RAISE EXCEPTION '{table} is only added to'; END"
    op.execute(f"CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS $${refuse}$$")
    op.execute(
        f"CREATE TRIGGER {table}_only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()"
    )


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _maybe(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text()) for name in names]


def _number(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer(), nullable=False, autoincrement=False) for name in names]


def _maybe_number(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer()) for name in names]


def _of_tenant(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["tenant"], ["tenants.id"], name=f"fk_{table}_tenant")
