from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client


def test_live_asks_the_database_nothing(db, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = Client().get("/health/live")

    assert (response.status_code, response.json()) == (200, {"status": "live"})
    assert "no-store" in response["Cache-Control"]


def test_ready_when_the_database_answers_and_is_migrated(db):
    response = Client().get("/health/ready")

    assert (response.status_code, response.json()) == (200, {"status": "ready"})
    assert "no-store" in response["Cache-Control"]


def test_not_ready_when_a_migration_is_missing(db):
    MigrationRecorder.Migration.objects.filter(app="people").delete()

    response = Client().get("/health/ready")

    assert (response.status_code, response.json()) == (503, {"status": "the database needs migrating"})


def test_not_ready_when_the_database_does_not_answer(db, caplog):
    def refuse(execute, sql, params, many, context):
        raise OperationalError("no route to host db.internal")

    with connection.execute_wrapper(refuse):
        response = Client().get("/health/ready")

    assert (response.status_code, response.json()) == (503, {"status": "the database does not answer"})
    assert "no route to host db.internal" in caplog.text


def test_health_is_only_read(db):
    assert [Client().post(path).status_code for path in ("/health/live", "/health/ready")] == [405, 405]
