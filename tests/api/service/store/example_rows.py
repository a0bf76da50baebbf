"""A tenant with at least one row in every table, made and read through the store's own functions."""

from sqlalchemy import select

from parkrisk.api.service.store import (
    artifacts,
    assessments,
    audit,
    decisions,
    idempotency,
    jobs,
    keys,
    parks,
    projects,
    runs,
    webhooks,
    workers,
)
from parkrisk.api.service.store.rows import all_pages
from parkrisk.api.service.store.tables import metadata

#: Tables without a tenant.
OF_ALL = {"tenants", "workers"}


def fill(connection, tenant, mark, *, finished=True):
    """Make the rows; every text that a caller may choose holds the mark. Returns arguments that name them.

    Not ``finished``: what was asked has no outcome yet, and the job has failed.
    """
    by = {"created_by": f"{mark} 张三"}
    source = {"source_name": f"{mark}.xlsx", "source_sha256": f"{mark}-sha", "problems": 2}
    park = parks.create_park(connection, tenant, f"{mark} 示范园区", **by)
    for rulebook in ("cn-2026", "cn-2020"):
        version = parks.add_version(
            connection, tenant, park.id, input_digest=f"{mark}-in", rulebook=rulebook, units=3, **source, **by
        )
    project = projects.create_project(connection, tenant, f"{mark} 项目", project_digest=f"{mark}-q", **source, **by)
    of = {"park_id": park.id, "version": version.version}
    asked = {"request_digest": f"{mark}-request"}
    assessment, _ = assessments.claim_assessment(
        connection, tenant, **asked, **of, rules=f"{mark}-rules", seed=2**63 - 1, settings={"mark": mark}, **by
    )
    decision, _ = decisions.claim_decision(
        connection, tenant, **asked, **of, standing="decision", project_id=project.id, **by
    )
    run, _ = runs.claim_run(connection, tenant, kind="whatif", **asked, **of, subject_id=assessment.id, **by)
    job = jobs.create_job(connection, tenant, process="whatif", owner_id=run.id, arguments_digest=f"{mark}-args", **by)
    jobs.start_job(connection, tenant, job.id)
    jobs.report_progress(connection, tenant, job.id, 1, stage="risk", share=0.25, message=mark)
    if finished:
        out = {"summary": {"mark": mark}, "result_digest": f"{mark}-out"}
        assessments.finish_assessment(
            connection, tenant, assessment.id, grade_letter="C", grade_bounds=["B", "C"], **out
        )
        decisions.finish_decision(connection, tenant, decision.id, verdict="refuse", **out)
        runs.finish_run(connection, tenant, run.id, **out)
    else:
        jobs.finish_job(connection, tenant, job.id, "failed", error={"mark": mark})
    content = {"document.json": (mark * 500).encode(), "mark.png": mark.encode()}
    for name, content_ in content.items():
        artifacts.put_artifact(connection, tenant, "run", run.id, name, content_, media_type=f"image/{mark}")
    idempotency.claim_request(connection, tenant, "POST /v1/parks", f"{mark}-key", **asked)
    idempotency.answer_request(
        connection, tenant, "POST /v1/parks", f"{mark}-key", status=201, resource=f"{mark}-{park.id}"
    )
    secret = {"secret_hash": f"{mark}-hash", "expires": None}
    key = keys.create_key(connection, tenant, f"{mark}{tenant}"[-16:], role="reader", name=mark, **secret, **by)
    keys.touch_key(connection, tenant, key.id, unless_since="2000-01-01T00:00:00.000000Z")
    hook = webhooks.create_webhook(
        connection, tenant, url=f"https://example.org/{mark}", secret=f"{mark}-secret", events=["job", mark], **by
    )
    webhooks.announce(connection, tenant, "job", {"mark": mark})
    delivery = webhooks.list_deliveries(connection, tenant, hook.id).items[0]
    workers.beat(connection, f"{mark}-worker")
    for number in range(3):
        audit.append(connection, tenant, {"what": "job.accepted", "who": mark, "number": number, "zh": "张三"})
    return {
        **of, **asked, "project_id": project.id, "assessment_id": assessment.id, "decision_id": decision.id,
        "run_id": run.id, "job_id": job.id, "key_id": key.id, "webhook_id": hook.id, "delivery_id": delivery.id,
        "owner_kind": "run", "owner_id": run.id, "name": "document.json", "subject_id": assessment.id,
        "route": "POST /v1/parks", "key": f"{mark}-key", "standing": "decision", "kind": "whatif",
    }  # fmt: skip


def rows(connection, tenant):
    """What the tables hold of the tenant, read without the store's functions: table → dicts in a fixed order."""
    return {
        table.name: sorted(
            (dict(row._mapping) for row in connection.execute(select(table).where(table.c.tenant == tenant))), key=repr
        )
        for table in metadata.sorted_tables
        if table.name not in OF_ALL
    }


def read(connection, tenant):
    """What the store's functions give of the tenant: table → tuples."""
    every = {
        "parks": parks.list_parks,
        "projects": projects.list_projects,
        "assessments": assessments.list_assessments,
        "decisions": decisions.list_decisions,
        "runs": runs.list_runs,
        "jobs": jobs.list_jobs,
        "keys": keys.list_keys,
        "webhooks": webhooks.list_webhooks,
        "audit": audit.list_audit,
    }
    found = {name: list(all_pages(listing, connection, tenant, limit=2)) for name, listing in every.items()}
    found["park_versions"] = [
        each for park in found["parks"] for each in all_pages(parks.list_versions, connection, tenant, park.id, limit=1)
    ]
    found["deliveries"] = [
        each for hook in found["webhooks"] for each in all_pages(webhooks.list_deliveries, connection, tenant, hook.id)
    ]
    found["artifacts"] = [
        each for run in found["runs"] for each in artifacts.list_artifacts(connection, tenant, "run", run.id)
    ]
    return found
