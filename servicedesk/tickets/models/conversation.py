"""What is said and sent on a ticket, who has read it, and what somebody has begun to write."""

from django.db import models

from servicedesk.files.models import StoredFile
from servicedesk.people.models import Person, Team
from servicedesk.tickets.models.ticket import Ticket


class Comment(models.Model):
    """Something said about a ticket; `visibility` says who reads it, and `supplier_team` which firm. Never edited."""

    class Visibility(models.TextChoices):
        PUBLIC = "public", "Reply to the requester"
        INTERNAL = "internal", "Internal note"
        SUPPLIER = "supplier", "Note to the supplier"

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="comments")
    author = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="comments")
    visibility = models.CharField(max_length=10, choices=Visibility)
    supplier_team = models.ForeignKey(
        Team, on_delete=models.PROTECT, null=True, blank=True, related_name="supplier_notes"
    )
    body = models.TextField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.get_visibility_display()} on {self.ticket}"


class Attachment(models.Model):
    """A file that came with something said. Whoever may read the comment may have the file, and nobody else."""

    comment = models.ForeignKey(Comment, on_delete=models.PROTECT, related_name="attachments")
    stored_file = models.OneToOneField(StoredFile, on_delete=models.PROTECT, related_name="attachment")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.stored_file.name


class ReadMark(models.Model):
    """How far a person has read a ticket: what was said after `read_to` is new to them."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="read_marks")
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="read_marks")
    read_to = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "ticket"], name="one_read_mark_a_person")]

    def __str__(self) -> str:
        return f"{self.person} has read {self.ticket}"


class Draft(models.Model):
    """What a person has begun to write and not sent; `form` names the form, `values` are its fields as typed.

    A draft belongs to who wrote it, is seen by nobody else, and outlives whatever happens to its ticket.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="drafts")
    form = models.CharField(max_length=60)
    values = models.JSONField(default=dict)
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "form"], name="one_draft_a_form")]

    def __str__(self) -> str:
        return f"{self.form} by {self.person}"
