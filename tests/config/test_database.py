"""How the database is asked to work."""

import pytest
from django.db import connection


@pytest.mark.django_db
@pytest.mark.parametrize(("setting", "value"), [("join_collapse_limit", "4"), ("jit", "off")])
def test_postgresql_neither_tries_every_order_of_tables_nor_compiles_a_statement(setting, value):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite plans otherwise")
    with connection.cursor() as cursor:
        cursor.execute(f"SHOW {setting}")
        assert cursor.fetchone() == (value,)
