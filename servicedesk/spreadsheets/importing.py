"""A spreadsheet on its way in: kept, read, mapped, checked, applied. Each step is stored and can be resumed.

Pages, the API and the command call these functions and nothing else.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from tempfile import NamedTemporaryFile
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.files import File
from django.utils import timezone

from servicedesk.files.storing import clean_name, keep
from servicedesk.history.recording import change_set, record
from servicedesk.jobs.running import enqueue
from servicedesk.people.models import Council, Person
from servicedesk.spreadsheets import checking, profiles
from servicedesk.spreadsheets import mapping as mappings
from servicedesk.spreadsheets.kinds import Kind
from servicedesk.spreadsheets.models import Import, WrongStep, read
from servicedesk.spreadsheets.moving_on import NOTHING_CHECKED, RELATED, Unconfirmed, move_on
from servicedesk.spreadsheets.proposing import correct, kept_encoding, propose
from servicedesk.spreadsheets.reading import Refused, Workbook
from servicedesk.spreadsheets.tasks import apply_import, check_import, undo_import

State = Import.State
MOST_AT_ONCE = 5_000
"""So many rows are checked while the person waits; more are checked by a job."""


def start(
    file: File,
    name: str,
    kind: Kind,
    council: Council,
    *,
    by: Person | None,
    create: Iterable[str] = (),
    said: Mapping[str, Any] | None = None,
    now: datetime | None = None,
) -> Import:
    """Keep a file, read it and propose what its columns are; `said` corrects the proposal.

    A file that cannot be read is kept as a refused import that says why. Raises PermissionDenied.
    """
    now = now or timezone.now()
    _check_right(kind, council.pk, by)
    started = Import(kind=kind.code, council=council, started_by=by, started_at=now)
    started.create = [each for each in kind.creatable if each in set(create)]
    started.named = clean_name(name)
    try:
        started.workbook = _read(file, name, (said or {}).get("encoding", ""))
        propose(started, started.workbook, said or {}, by)
        if encoding := kept_encoding(started, started.profile):
            started.workbook = _read(file, name, encoding)
            propose(started, started.workbook, {**(said or {}), "encoding": encoding}, by)
    except Refused as refusal:
        started.state, started.refused = State.REFUSED, str(refusal)
    with change_set(by=by, reason=f"Import of {kind.many}", now=now) as deed:
        started.file = keep(file, name, council=council, by=by, now=now)
        started.save()
        record(deed, [started])
    return started


def _read(file: File, name: str, encoding: str) -> Workbook:
    """The spreadsheet, read before the transaction begins: reading may take a minute. Raises Refused."""
    with NamedTemporaryFile() as copy:
        copy.writelines(file.chunks())
        copy.flush()
        return read(copy.name, clean_name(name), encoding)


def start_again(started: Import, sheet: str, *, by: Person | None, now: datetime | None = None) -> Import:
    """Begin another import of the same stored file, with another of its sheets. Raises Refused or PermissionDenied."""
    kind, now = started.kind_of_row, now or timezone.now()
    _check_right(kind, started.council_id, by)
    another = Import(
        kind=kind.code, council=started.council, file=started.file, started_by=by, started_at=now
    )
    another.workbook = started.workbook
    standing = {"encoding": started.mapping.get("encoding", ""), "given": started.mapping.get("given", {})}
    propose(another, another.workbook, {"sheet": sheet, **standing}, by)
    with change_set(by=by, reason=f"Import of {kind.many}", now=now) as deed:
        another.save()
        record(deed, [another])
    return another


def choose(
    started: Import,
    said: Mapping[str, Any],
    *,
    by: Person | None,
    create: Iterable[str] | None = None,
    version: int,
    step: str = Import.Step.CHECK,
    save_as: str | None = None,
    remember: bool = False,
) -> Import:
    """Say which encoding, sheet, header row, columns and date orders are meant, what words mean and how rows are told,
    as in a mapping. `step` is the next to be confirmed. `save_as` keeps what is said for the next such file under
    this name, "" stops keeping it, and `remember` keeps it under the name that it has. Said twice it counts once.

    Raises Refused, WrongStep, or ValidationError for the name.
    """
    kind = started.kind_of_row
    _check_right(kind, started.council_id, by)
    correct(started, said, by)
    if create is not None:
        started.create = [each for each in kind.creatable if each in set(create)]
    if save_as == "":
        started.profile = None
    fields = {name: getattr(started, name) for name in ("mapping", "sheets", "unknown", "create", "profile")}
    fields |= {"state": State.MAPPED, "refused": ""}
    try:
        with change_set(by=by, reason=f"Import of {started.file}"):
            chosen = move_on(started, by=by, version=version, step=step, **NOTHING_CHECKED, **fields)
            chosen.packed.all().delete()
            _remember(chosen, save_as, remember, by)
    except WrongStep:
        chosen = _already(started, fields)
    if "workbook" in started.__dict__:
        chosen.workbook = started.workbook  # read once
    return chosen


def _remember(chosen: Import, name: str | None, again: bool, by: Person | None) -> None:
    """Keep what is said of an import under a name, or `again` under the one that is kept for its headings."""
    if again and not name and chosen.profile and profiles.knows(chosen.profile, chosen.table):
        name = chosen.profile.name
    if name:
        chosen.profile = profiles.save(chosen, name, by=by)
        Import.objects.filter(pk=chosen.pk).update(profile=chosen.profile)


def _already(started: Import, fields: Mapping[str, Any]) -> Import:
    """The import, where somebody who was quicker said the very same: a button that was pressed twice."""
    standing = (
        Import.objects.open().select_related(*RELATED).filter(pk=started.pk, state=State.MAPPED).first()
    )
    if standing is None or any(getattr(standing, name) != fields[name] for name in ("mapping", "create")):
        raise WrongStep("Somebody has moved this import on while you were looking at it.")
    return standing


def check(started: Import, *, by: Person | None, now: datetime | None = None) -> Import:
    """Work out what every row would do, here and now. Raises Refused when the mapping does not do, or WrongStep."""
    _check_right(started.kind_of_row, started.council_id, by)
    return checking.check(started, by=by, now=now)


def begin_check(started: Import, *, by: Person | None, now: datetime | None = None) -> Import:
    """Have every row checked: at once where they are few, else by a job. Raises Refused or WrongStep."""
    kind = started.kind_of_row
    _check_right(kind, started.council_id, by)
    if started.table.get("data_rows", 0) <= MOST_AT_ONCE:
        return checking.check(started, by=by, now=now)
    mappings.check_complete(started.mapping, kind, started.table)
    return _by_job(started, check_import, State.CHECKING, "Check", by, started.version, now)


def decide(
    started: Import,
    choices: Mapping[str, Any],
    *,
    by: Person | None,
    version: int,
    now: datetime | None = None,
) -> Import:
    """Keep what a person decided about single rows, with what was decided before, and check the rows again.

    `choices` is as an Import has them. Raises Refused or WrongStep.
    """
    _check_right(started.kind_of_row, started.council_id, by)
    if started.state != State.CHECKED and not started.given_up:
        raise WrongStep("Check the rows before you decide about them.")
    rows = {**started.choices.get("rows", {})}
    for number, choice in choices.get("rows", {}).items():
        rows[number] = {**rows.get(number, {}), **choice}
    kept = {**started.choices, **choices, "rows": rows}
    decided = move_on(started, by=by, version=version, choices=kept)
    if "workbook" in started.__dict__:
        decided.workbook = started.workbook
    return begin_check(decided, by=by, now=now)


def apply(
    started: Import,
    *,
    by: Person | None,
    version: int,
    whole: bool = False,
    confirmed: bool = True,
    now: datetime | None = None,
) -> Import:
    """Have the good rows written by a job. Asked for a second time it changes nothing.

    `whole` wants all of the file or nothing. Raises WrongStep, and Unconfirmed where what it would do has to be
    confirmed first and was not.
    """
    _check_right(started.kind_of_row, started.council_id, by)
    if started.state in (State.APPLYING, State.APPLIED):
        return started
    if started.state != State.CHECKED:
        raise WrongStep("Check the rows before you import them.")
    refuse_part(started, whole)
    if started.warnings and not confirmed:
        raise Unconfirmed(" ".join(started.warnings))
    return _by_job(started, apply_import, State.APPLYING, "Import", by, version, now)


def refuse_part(started: Import, whole: bool) -> None:
    """Refuse what would import only some of the rows where `whole` wants all of them or nothing. Raises WrongStep."""
    if whole and started.held_back:
        raise WrongStep(f"{started.held_back:,} rows cannot be imported as they are. Nothing was imported.")


def undo(started: Import, *, by: Person | None, version: int, now: datetime | None = None) -> Import:
    """Have an import taken back by a job. Asked for a second time it changes nothing. Raises WrongStep."""
    _check_right(started.kind_of_row, started.council_id, by)
    if started.state == State.UNDONE or (started.state == State.UNDOING and not started.undo_given_up):
        return started
    if not started.may_be_undone:
        raise WrongStep("There is nothing to undo: this import has written nothing.")
    return _by_job(started, undo_import, State.UNDOING, "Undo of the import", by, version, now)


def _by_job(
    started: Import,
    task: Callable,
    state: str,
    what: str,
    by: Person | None,
    version: int,
    now: datetime | None,
) -> Import:
    """Let a job do the next step, in the transaction that says so."""
    standing = Import.objects.undoable() if state == State.UNDOING else None
    with change_set(by=by, reason=f"{what} of {started.file}", now=now):
        moved = move_on(started, by=by, version=version, standing=standing, state=state)
        moved.job = enqueue(task, by=by, started=started.pk)
        Import.objects.filter(pk=started.pk).update(job=moved.job)
    return moved


def _check_right(kind: Kind, council_id: int, by: Person | None) -> None:
    """Who may import is who may change what is imported; the system may."""
    if by is not None and council_id not in kind.may_import(by):
        raise PermissionDenied(f"You may not import {kind.many} for this council.")
