"""The store: everything the service keeps, in one SQLite file or one PostgreSQL database.

`open_store` gives a `Store`; ``store.begin()`` is a transaction that may write, ``store.reading()`` one that may not.
Every function takes the connection, then the tenant. It sees, changes and deletes rows of that tenant only. Functions
for all tenants are named ``all_…`` or ``any_…``, or live in ``tenants`` and ``workers``. What comes back are named
tuples; lists are a ``Page(items, next)``, newest first, read on with ``cursor=page.next``.

- ``tenants``: ensure_tenant, find_tenant, get_tenant, list_tenants
- ``keys``: create_key, get_key, list_keys, revoke_key, touch_key, any_key
- ``parks``: create_park, get_park, list_parks, add_version, get_version, latest_version, list_versions
- ``projects``: create_project, get_project, list_projects
- ``assessments``: claim_assessment, find_assessment, get_assessment, list_assessments, latest_assessment,
  set_assessment_status, finish_assessment
- ``decisions``: claim_decision, find_decision, get_decision, list_decisions, set_decision_status, finish_decision
- ``runs``: claim_run, find_run, get_run, list_runs, set_run_status, finish_run
- ``jobs``: create_job, get_job, list_jobs, job_of_owner, start_job, report_progress, return_job,
  finish_job, reopen_job, all_job_counts, all_open_jobs
- ``artifacts``: put_artifact, get_artifact, find_artifact, list_artifacts, copy_artifacts
- ``idempotency``: claim_request, find_request, answer_request, all_forget_requests
- ``webhooks``: create_webhook, get_webhook, list_webhooks, delete_webhook, deactivate_webhook, announce,
  list_deliveries, note_attempt, delivered_since, all_take_due
- ``workers``: beat, list_workers, forget_worker
- ``audit``: append, head, list_audit, export, verify, verify_lines, all_audit_count
- ``status``: Status, OPEN · ``canonical``: canonical_json, digest_of · ``tables``: now, time_text, new_id
- ``errors``: StoreError; BadAddress, Unreachable, NewerDatabase, NotFound, BadCursor, KeyReused, UnstorableText

``get_…`` raises NotFound, ``find_…`` gives None. ``claim_…`` gives (row, whether it is new).
"""

from parkrisk.api.service.store.database import Store, open_store
from parkrisk.api.service.store.status import Status

__all__ = ["Status", "Store", "open_store"]
