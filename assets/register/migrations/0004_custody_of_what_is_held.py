"""Whoever has an asset has had it since the register knows it, as far as can be said."""

from itertools import islice

from django.db import migrations

GONE = ("disposed", "donated", "sold", "destroyed", "written_off", "cancelled")
BATCH = 1000


def begin(apps, schema_editor):
    Asset, Custody = apps.get_model("register", "Asset"), apps.get_model("register", "Custody")
    columns = ("pk", "council", "state", "holder", "holder_note", "site", "room", "condition", "registered_at")
    held = Asset.objects.exclude(state__in=GONE).values_list(*columns).iterator()
    begun = (custody for row in held if (custody := _custody(Custody, *row)))
    while batch := list(islice(begun, BATCH)):
        Custody.objects.bulk_create(batch)


def _custody(Custody, pk, council, state, holder, note, site, room, condition, since):
    said = {"council_id": council, "asset_id": pk, "begun_at": since, "condition_at_start": condition}
    if holder:
        return Custody(kind="person", person_id=holder, **said)
    if state != "in_use" or not (note or room):
        return None
    if note:
        return Custody(kind="pool", pool=note, **said)
    return Custody(kind="room", room=room, site_id=site, **said)


class Migration(migrations.Migration):
    dependencies = [("register", "0003_life")]

    operations = [migrations.RunPython(begin, migrations.RunPython.noop)]
