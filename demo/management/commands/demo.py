"""`make demo` runs this: everything from an empty folder to a site that somebody can try."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from demo.bulk import grow
from demo.loading import load
from demo.organisation import PASSWORD
from demo.serving import ServingFailed, refuse_taken, serve
from servicedesk.people.models import Grant
from servicedesk.people.roles import ROLES


class Command(BaseCommand):
    help = "Sets up the demo data of two councils and serves the site with its job worker."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="where to serve; 8000 unless told")
        parser.add_argument("--no-serve", action="store_true", help="set up only")
        parser.add_argument(
            "--scale", type=int, default=0, metavar="N", help="have N more assets and N more tickets"
        )

    def handle(self, *args: Any, port: int, no_serve: bool, scale: int, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError(
                "The demo has people whose password everybody knows. It is not for production."
            )
        try:
            if not no_serve:
                self._refuse_unready(port)
            self._set_up(scale)
            self._say_who_can_sign_in()
            if not no_serve:
                self.stdout.flush()
                connection.close()
                serve(port, Path(settings.BASE_DIR), self._say)
        except ServingFailed as failure:
            raise CommandError(str(failure)) from failure

    def _refuse_unready(self, port: int) -> None:
        if not 1 <= port <= 65535:
            raise CommandError(f"There is no port {port}. Choose one between 1024 and 65535.")
        if not (settings.BASE_DIR / "servicedesk" / "static" / "build" / "app.css").exists():
            raise CommandError("The style sheet is not compiled. Run `make frontend` first.")
        refuse_taken(port)

    def _set_up(self, scale: int) -> None:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            self._say("Setting up the database …")
            call_command("migrate", verbosity=0)
        call_command("createcachetable", verbosity=0)
        if load():
            self._say("Loaded the demo data of two councils.")
        if scale:
            grow(scale, say=self._say)

    def _say_who_can_sign_in(self) -> None:
        """One person for each role at each council: those whose e-mail is named for the role."""
        grants = Grant.objects.in_force().select_related("person", "council").order_by("-council__code", "pk")
        self._say(f"\nSign in with the password: {PASSWORD}\n")
        for grant in grants.filter(person__is_active=True):
            email = grant.person.email or ""
            if email.split("@")[0] == grant.role.replace("_", "."):
                self._say(f"  {email:<38} {ROLES[grant.role].name:<24} {grant.council.name}")
        self._say("")

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
