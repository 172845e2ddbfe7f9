"""Messages to people and deliveries to other systems, each with how its sending went."""

from django.db import models
from django.db.models import Q

from servicedesk.files.models import StoredFile
from servicedesk.notifications.querysets import AdministeredQuerySet, DeliveryQuerySet
from servicedesk.people.models import Council, Person


class Sending(models.Model):
    """Something to be sent, tried again at growing intervals until it went or is given up."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting to be sent"
        SENDING = "sending", "Being sent"
        SENT = "sent", "Sent"
        WITHHELD = "withheld", "Not sent: no longer theirs to know"
        FAILED = "failed", "Given up"

    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    created_at = models.DateTimeField()
    next_try_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=300, blank=True)

    class Meta:
        abstract = True


class Message(Sending):
    """A message to a person, at an `address` in place of their own where it says one. `about_kind` and `about_id` say
    of what, `event` what happened, in the words of EVENTS.

    `cause` makes it one message however often its cause is told: the same cause to the same person is refused.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="messages")
    address = models.EmailField(blank=True)
    event = models.CharField(max_length=40)
    about_kind = models.CharField(max_length=60)
    about_id = models.BigIntegerField()
    council = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="messages")
    subject = models.CharField(max_length=250)
    body = models.TextField()
    files = models.ManyToManyField(StoredFile, blank=True, related_name="messages")
    cause = models.CharField(max_length=100)
    message_id = models.CharField(max_length=120, unique=True)

    objects = AdministeredQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["person", "cause"], name="one_message_a_cause")]
        indexes = [
            models.Index(
                fields=["next_try_at"],
                condition=Q(state__in=["waiting", "sending"]),
                name="message_to_send",
            )
        ]

    def __str__(self) -> str:
        return f"{self.subject} to {self.person}"


class Preference(models.Model):
    """A person does, or does not, want mail of an event. Without one the event's own default holds."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="preferences")
    event = models.CharField(max_length=40)
    wanted = models.BooleanField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "event"], name="one_preference_an_event")]

    def __str__(self) -> str:
        return f"{self.event} for {self.person}"


class Webhook(models.Model):
    """Another system that a council wants told of events, at an address outside of our own network.

    It is told what its `owner` may see, and nothing once the owner may no longer have it.
    """

    council = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="webhooks")
    owner = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="webhooks")
    name = models.CharField(max_length=100)
    address = models.URLField(max_length=300)
    secret = models.CharField(max_length=100)
    events = models.JSONField(default=list)
    created_at = models.DateTimeField()
    archived_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    derived_fields = ("secret",)

    objects = AdministeredQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Delivery(Sending):
    """One event on its way to one webhook. `event_id` is the same at every try, so that the receiver can tell.

    `payload` names what the event came with, such as a comment; what is sent of it is made at sending.
    """

    webhook = models.ForeignKey(Webhook, on_delete=models.PROTECT, related_name="deliveries")
    event = models.CharField(max_length=40)
    event_id = models.UUIDField(unique=True)
    about_kind = models.CharField(max_length=60)
    about_id = models.BigIntegerField()
    payload = models.JSONField()
    answer_status = models.PositiveSmallIntegerField(null=True, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["next_try_at"],
                condition=Q(state__in=["waiting", "sending"]),
                name="delivery_to_send",
            )
        ]

    def __str__(self) -> str:
        return f"{self.event} to {self.webhook}"
