"""What is kept comes back; what is asked twice is kept once; lists are read page by page."""

import base64
import json
import os
import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from parkrisk.api.service.store import (
    Status,
    artifacts,
    assessments,
    decisions,
    idempotency,
    jobs,
    keys,
    parks,
    projects,
    runs,
    tenants,
    webhooks,
    workers,
)
from parkrisk.api.service.store.errors import BadCursor, KeyReused, NotFound, UnstorableText
from parkrisk.api.service.store.rows import all_pages
from tests.api.service.store.example_rows import fill, read, rows

BY = {"created_by": "张三"}
VERSION = {"input_digest": "d", "rulebook": "r", "units": 1, "source_name": "", "source_sha256": "", "problems": 0}
ASKED = {"park_id": None, "version": None, "rules": None, "seed": 0, "settings": None}
FAR = "9999-12-31T00:00:00.000000Z"


def test_what_is_read_is_what_stands_in_the_tables(store, tenant):
    with store.begin() as connection:
        fill(connection, tenant, "mark")
        stored = rows(connection, tenant)
        for table, records in read(connection, tenant).items():
            names = set(records[0]._fields) & set(stored[table][0])
            for record in records:
                assert {name: getattr(record, name) for name in names} in [
                    {name: row[name] for name in names} for row in stored[table]
                ]


def test_versions_count_up_and_stay(store, tenant):
    with store.begin() as connection:
        park = parks.create_park(connection, tenant, "p", **BY)
        assert park.version == 0
        with pytest.raises(NotFound):
            parks.latest_version(connection, tenant, park.id)
        made = [parks.add_version(connection, tenant, park.id, **VERSION | {"units": n}, **BY) for n in (5, 6, 7)]
    with store.reading() as connection:
        assert [each.version for each in made] == [1, 2, 3]
        assert [parks.get_version(connection, tenant, park.id, n) for n in (1, 2, 3)] == made
        assert parks.latest_version(connection, tenant, park.id) == made[-1]
        assert parks.get_park(connection, tenant, park.id) == park._replace(version=3)
        assert list(all_pages(parks.list_versions, connection, tenant, park.id, limit=1)) == made[::-1]
        for call in (
            lambda: parks.get_version(connection, tenant, park.id, 4),
            lambda: parks.get_park(connection, tenant, "p0"),
            lambda: projects.get_project(connection, tenant, "q0"),
        ):
            with pytest.raises(NotFound):
                call()


def _at_once(number, act):
    """What each of several threads gives."""
    given, together = [], threading.Barrier(number)

    def run(index):
        together.wait()
        try:
            given.append(act(index))
        except Exception as fault:
            given.append(fault)

    threads = [threading.Thread(target=run, args=(index,)) for index in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return given


def test_versions_added_at_once_are_numbered_apart(store, tenant):
    with store.begin() as connection:
        park = parks.create_park(connection, tenant, "p", **BY)

    def add(_):
        with store.begin() as connection:
            return parks.add_version(connection, tenant, park.id, **VERSION, **BY).version

    assert sorted(_at_once(6, add)) == [1, 2, 3, 4, 5, 6]


def test_one_question_asked_at_once_is_one_row(store, tenant):
    def ask(index):
        with store.begin() as connection:
            one = assessments.claim_assessment(connection, tenant, request_digest="q", **ASKED, created_by=str(index))
            where = {"park_id": None, "version": None}
            two = decisions.claim_decision(
                connection, tenant, request_digest="q", standing="trial", project_id=None, **where, **BY
            )
            three = runs.claim_run(
                connection, tenant, kind="whatif", request_digest="q", subject_id=None, **where, **BY
            )
            return one, two, three

    for claims in zip(*_at_once(6, ask), strict=True):
        assert len({row.id for row, _ in claims}) == 1
        assert sum(new for _, new in claims) == 1


def test_a_trial_and_a_decision_are_two(store, tenant):
    asked = {"request_digest": "q", "park_id": None, "version": None, "project_id": None}
    with store.begin() as connection:
        trial, _ = decisions.claim_decision(connection, tenant, standing="trial", **asked, **BY)
        decided, new = decisions.claim_decision(connection, tenant, standing="decision", **asked, **BY)
        assert new
        assert decided.id != trial.id
        assert decisions.find_decision(connection, tenant, "q", "trial") == trial
        assert decisions.find_decision(connection, tenant, "other", "trial") is None


def test_an_outcome_stays(store, tenant):
    with store.begin() as connection:
        row, _ = assessments.claim_assessment(connection, tenant, request_digest="q", **ASKED, **BY)
        outcome = {"result_digest": "out", "grade_letter": "C", "grade_bounds": ["B", "C"], "summary": {"pll": 1e-3}}
        assert assessments.set_assessment_status(connection, tenant, row.id, Status.failed)
        assert assessments.finish_assessment(connection, tenant, row.id, **outcome)
        done = assessments.get_assessment(connection, tenant, row.id)
        assert done == row._replace(status="successful", **outcome)
        assert not assessments.set_assessment_status(connection, tenant, row.id, Status.dismissed)
        assert not assessments.finish_assessment(connection, tenant, row.id, **{**outcome, "grade_letter": "A"})
        assert assessments.get_assessment(connection, tenant, row.id) == done
        assert not assessments.finish_assessment(connection, tenant, "a0", **outcome)


def test_the_latest_assessment_of_a_park_is_of_its_highest_version(store, tenant):
    with store.begin() as connection:
        park = parks.create_park(connection, tenant, "p", **BY)
        made = {}
        for _ in range(3):
            parks.add_version(connection, tenant, park.id, **VERSION, **BY)
        for version in (2, 1, 3):  # that of version 1 is made after that of version 2
            asked = ASKED | {"park_id": park.id, "version": version, "request_digest": str(version)}
            made[version], _ = assessments.claim_assessment(connection, tenant, **asked, **BY)
        assert assessments.latest_assessment(connection, tenant, park.id) is None
        for version in (1, 2):
            assessments.finish_assessment(
                connection, tenant, made[version].id, result_digest="", grade_letter=None, grade_bounds=None, summary={}
            )
        assert assessments.latest_assessment(connection, tenant, park.id).version == 2
        assert assessments.latest_assessment(connection, tenant, park.id, version=1).version == 1
        assert assessments.latest_assessment(connection, tenant, park.id, version=3) is None
        assert len(assessments.list_assessments(connection, tenant, park_id=park.id).items) == 3
        assert assessments.list_assessments(connection, tenant, park_id="p0").items == ()


def test_a_reference_never_leaves_the_tenant(store, tenant, other):
    with store.begin() as connection:
        park = parks.create_park(connection, other, "p", **BY)
        parks.add_version(connection, other, park.id, **VERSION, **BY)
    asked = ASKED | {"park_id": park.id, "version": 1, "request_digest": "q"}
    with pytest.raises(IntegrityError), store.begin() as connection:
        assessments.claim_assessment(connection, tenant, **asked, **BY)


def _new_job(connection, tenant):
    return jobs.create_job(connection, tenant, process="whatif", owner_id="r1", arguments_digest="d", **BY)


def test_the_life_of_a_job(store, tenant):
    with store.begin() as connection:
        job = _new_job(connection, tenant)
        assert (job.status, job.attempts, job.started) == ("accepted", 0, None)
        assert jobs.start_job(connection, tenant, job.id)
        started = jobs.get_job(connection, tenant, job.id).started
        assert jobs.start_job(connection, tenant, job.id)  # again after a crash
        assert jobs.report_progress(connection, tenant, job.id, 2, stage="risk", share=0.5, message="m")
        running = jobs.get_job(connection, tenant, job.id)
        assert (running.status, running.attempts, running.started, running.share) == ("running", 2, started, 0.5)
        assert job.id in {each.id for _, each in jobs.all_open_jobs(connection)}
        assert jobs.finish_job(connection, tenant, job.id, Status.dismissed)
        for late in (
            jobs.start_job(connection, tenant, job.id),
            jobs.report_progress(connection, tenant, job.id, 2, stage="", share=1.0),
            jobs.finish_job(connection, tenant, job.id, Status.successful),
        ):
            assert not late
        dismissed = jobs.get_job(connection, tenant, job.id)
        assert (dismissed.status, dismissed.share) == ("dismissed", 0.5)
        assert jobs.reopen_job(connection, tenant, job.id)
        again = jobs.get_job(connection, tenant, job.id)
        assert again == job._replace(attempts=2, updated=again.updated)
        jobs.start_job(connection, tenant, job.id)
        assert jobs.finish_job(connection, tenant, job.id, Status.successful)
        assert not jobs.reopen_job(connection, tenant, job.id)
        done = jobs.get_job(connection, tenant, job.id)
        assert (done.status, done.share) == ("successful", 1.0)
        assert job.id not in {each.id for _, each in jobs.all_open_jobs(connection)}


def test_jobs_are_counted_and_found(store, tenant):
    with store.begin() as connection:
        before = jobs.all_job_counts(connection)
        first, last = _new_job(connection, tenant), _new_job(connection, tenant)
        jobs.finish_job(connection, tenant, first.id, Status.failed, error={"code": "compute.lost"})
        after = jobs.all_job_counts(connection)
        assert {name: after[name] - before[name] for name in after if after[name] != before[name]} == {
            "failed": 1,
            "accepted": 1,
        }
        assert jobs.job_of_owner(connection, tenant, "r1") == last
        assert jobs.job_of_owner(connection, tenant, "r2") is None
        assert jobs.list_jobs(connection, tenant, status="failed").items[0].error == {"code": "compute.lost"}
        assert jobs.list_jobs(connection, tenant, process="siting").items == ()


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.one_of(st.binary(max_size=2000), st.binary(min_size=1, max_size=9).map(lambda each: each * 500)))
def test_the_content_of_an_artifact_comes_back(store, tenant, content):
    import hashlib

    with store.begin() as connection:
        about = artifacts.put_artifact(connection, tenant, "run", "r", "x", content, media_type="a/b")
        assert artifacts.get_artifact(connection, tenant, "run", "r", "x") == (about, content)
        assert (about.sha256, about.size) == (hashlib.sha256(content).hexdigest(), len(content))
        kept = connection.execute(
            text("SELECT length(content) FROM artifacts WHERE tenant = :t AND owner_id = 'r'"), {"t": tenant}
        ).scalar_one()
        assert kept <= len(content)


def test_artifacts_of_an_owner(store, tenant):
    noise = os.urandom(3000)
    with store.begin() as connection:

        def put(owner, name, content):
            return artifacts.put_artifact(connection, tenant, "run", owner, name, content, media_type="a/b")

        put("r", "tables/a_b.json", b"old")
        one, two = put("r", "tables/a_b.json", b"new" * 900), put("r", "tables/aXb.json", noise)
        report = put("r", "report.pdf", b"%PDF")
        assert artifacts.list_artifacts(connection, tenant, "run", "r") == (report, two, one)
        assert artifacts.list_artifacts(connection, tenant, "run", "r", prefix="tables/a_") == (one,)
        assert artifacts.find_artifact(connection, tenant, "run", "r", "none") is None
        put("s", "report.pdf", b"another")
        artifacts.copy_artifacts(connection, tenant, "run", "r", to_kind="run", to_id="s")
        contents = {
            each.name: artifacts.get_artifact(connection, tenant, "run", "s", each.name)[1]
            for each in artifacts.list_artifacts(connection, tenant, "run", "s")
        }
        assert contents == {"report.pdf": b"another", "tables/aXb.json": noise, "tables/a_b.json": b"new" * 900}


def test_artifacts_go_with_the_transaction(store, tenant):
    with store.engine.connect() as connection, connection.begin() as transaction:
        artifacts.put_artifact(connection, tenant, "run", "r", "x", b"x", media_type="a/b")
        transaction.rollback()
    with store.reading() as connection:
        assert artifacts.find_artifact(connection, tenant, "run", "r", "x") is None


def test_a_request_sent_twice_is_done_once(store, tenant):
    made = []

    def send(_):
        with store.begin() as connection:
            answered = idempotency.claim_request(connection, tenant, "POST", "k", request_digest="d")
            if answered is None:
                park = parks.create_park(connection, tenant, "p", **BY)
                made.append(park.id)
                idempotency.answer_request(connection, tenant, "POST", "k", status=201, resource=park.id)
                answered = idempotency.Answered(201, park.id)
            return answered

    answers = _at_once(5, send)
    assert len(made) == 1
    assert set(answers) == {(201, made[0])}
    with store.begin() as connection:
        with pytest.raises(KeyReused):
            idempotency.claim_request(connection, tenant, "POST", "k", request_digest="another")
        assert idempotency.claim_request(connection, tenant, "PUT", "k", request_digest="another") is None
        assert idempotency.find_request(connection, tenant, "POST", "l", request_digest="d") is None
        idempotency.all_forget_requests(connection, FAR)
        assert idempotency.claim_request(connection, tenant, "POST", "k", request_digest="another") is None


def test_keys(store, tenant):
    with store.begin() as connection:
        about = {"role": "reader", "name": "n", "secret_hash": "h", "expires": None}
        key = keys.create_key(connection, tenant, f"k{tenant}", **about, **BY)
        assert keys.any_key(connection, key.id) == key
        assert keys.any_key(connection, "k0") is None
        assert keys.touch_key(connection, tenant, key.id, unless_since="2000")
        assert not keys.touch_key(connection, tenant, key.id, unless_since="2000")
        assert keys.touch_key(connection, tenant, key.id, unless_since=FAR)
        revoked = keys.revoke_key(connection, tenant, key.id)
        assert revoked.revoked is not None
        assert keys.revoke_key(connection, tenant, key.id) == revoked == keys.any_key(connection, key.id)


def test_deliveries_are_taken_once(store, tenant):
    with store.begin() as connection:
        about = {"url": "https://example.org", "secret": "s", **BY}
        hook = webhooks.create_webhook(connection, tenant, events=["job"], **about)
        webhooks.create_webhook(connection, tenant, events=["park"], **about)
        assert webhooks.announce(connection, tenant, "job", {"id": 1}) == 1
        assert webhooks.announce(connection, tenant, "none", {"id": 1}) == 0

    def take(_):
        with store.begin() as connection:
            return [each for each in webhooks.all_take_due(connection, until=FAR, limit=1000) if each.tenant == tenant]

    ((taken,),) = [each for each in _at_once(4, take) if each]
    assert (taken.webhook, taken.delivery.payload) == (hook, {"id": 1})
    with store.begin() as connection:
        note = {"answer": 503, "message": "busy"}
        webhooks.note_attempt(connection, tenant, taken.delivery.id, delivered=False, again="2000", **note)
    ((again,),) = [each for each in _at_once(2, take) if each]
    assert (again.delivery.attempts, again.delivery.answer) == (1, 503)
    with store.begin() as connection:
        webhooks.note_attempt(connection, tenant, taken.delivery.id, delivered=True, answer=204)
    assert take(0) == []
    with store.begin() as connection:
        (kept,) = webhooks.list_deliveries(connection, tenant, hook.id).items
        assert (kept.status, kept.attempts, kept.answer, kept.due) == ("delivered", 2, 204, None)
        webhooks.delete_webhook(connection, tenant, hook.id)
        assert webhooks.list_deliveries(connection, tenant, hook.id).items == ()
        with pytest.raises(NotFound):
            webhooks.delete_webhook(connection, tenant, hook.id)


def test_tenants_and_workers(store, tenant):
    with store.begin() as connection:
        assert tenants.ensure_tenant(connection, tenant, "another name").name == "园区管委会"
        assert tenant in {each.id for each in tenants.list_tenants(connection)}
        assert tenants.find_tenant(connection, "nobody") is None
        workers.beat(connection, tenant)
        (first,) = [each for each in workers.list_workers(connection) if each.id == tenant]
        workers.beat(connection, tenant)
        (later,) = [each for each in workers.list_workers(connection, FAR) if each.id == tenant]
        assert (later.started, later.seen >= first.seen) == (first.started, True)
        assert workers.list_workers(connection, "2000") == ()
        workers.forget_worker(connection, tenant)
        assert tenant not in {each.id for each in workers.list_workers(connection)}


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(limit=st.integers(1, 9), times=st.lists(st.sampled_from("abc"), max_size=8))
def test_pages_give_every_row_once_newest_first(store, tenant, limit, times):
    """Also where many rows were made at one time."""
    with store.engine.connect() as connection:
        transaction = connection.begin()
        made = [parks.create_park(connection, tenant, str(n), **BY) for n in range(len(times))]
        for park, time in zip(made, times, strict=True):
            connection.execute(
                text("UPDATE parks SET created = :c WHERE tenant = :t AND id = :i"),
                {"c": time, "t": tenant, "i": park.id},
            )
        found = list(all_pages(parks.list_parks, connection, tenant, limit=limit))
        order = [(each.created, each.id) for each in found]
        assert order == sorted(zip(times, (park.id for park in made), strict=True), reverse=True)
        transaction.rollback()


def test_rows_made_while_reading_do_not_shift_the_pages(store, tenant):
    with store.begin() as connection:
        made = [parks.create_park(connection, tenant, str(n), **BY).id for n in range(4)]
        page = parks.list_parks(connection, tenant, limit=2)
        parks.create_park(connection, tenant, "new", **BY)
        rest = parks.list_parks(connection, tenant, limit=2, cursor=page.next)
        assert [each.id for each in (*page.items, *rest.items)] == made[::-1]
        assert rest.next is None


def _cursor(content):
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode()


@pytest.mark.parametrize(
    "cursor",
    ["", "!", "é", "AAAA", "a", _cursor(None), _cursor([]), _cursor(["a"]), _cursor([1, 2]), _cursor(["a", "b", "c"]),
     _cursor(["\x00", "a"]), _cursor(["a", "\ud800"]), _cursor([["a"], "b"]), _cursor({"a": 1, "b": 2})],
)  # fmt: skip
def test_a_bad_cursor_is_a_clear_error(store, tenant, cursor):
    with store.reading() as connection, pytest.raises(BadCursor):
        parks.list_parks(connection, tenant, cursor=cursor)


@pytest.mark.parametrize("content", [[True], [1.0], [-1], [2**31], [10**40], ["1"], [None]])
def test_a_bad_number_in_a_cursor_is_a_clear_error(store, tenant, content):
    with store.reading() as connection, pytest.raises(BadCursor):
        parks.list_versions(connection, tenant, "p", cursor=_cursor(content))


@pytest.mark.parametrize("name", ["a\x00b", "\ud800"])
def test_text_that_no_database_holds_is_refused_alike(store, tenant, name):
    with store.begin() as connection, pytest.raises(UnstorableText):
        parks.create_park(connection, tenant, name, **BY)
    with store.begin() as connection:  # inside JSON it is escaped
        row, _ = assessments.claim_assessment(
            connection, tenant, request_digest="q", **ASKED | {"settings": {"name": name}}, **BY
        )
        assert assessments.get_assessment(connection, tenant, row.id).settings == {"name": name}
