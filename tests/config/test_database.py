"""How the database is asked to work."""

import pytest
from django.db import connection


@pytest.mark.django_db
def test_postgresql_does_not_try_every_order_of_the_tables_of_a_page():
    if connection.vendor != "postgresql":
        pytest.skip("SQLite plans otherwise")
    with connection.cursor() as cursor:
        cursor.execute("SHOW join_collapse_limit")
        assert cursor.fetchone() == ("4",)
