from django.db import migrations


def leave_room(apps, schema_editor):
    """PostgreSQL writes a changed row anew. Where there is room beside the old one it leaves
    the indexes alone, unless what they hold has changed. Rows that are there already stay as they are."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE register_asset SET (fillfactor = 85)")


def leave_none(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE register_asset RESET (fillfactor)")


class Migration(migrations.Migration):
    dependencies = [("register", "0012_index_what_is_set")]
    operations = [migrations.RunPython(leave_room, leave_none)]
