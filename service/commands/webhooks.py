"""`flask webhooks deliver`: sends webhooks in a process of its own."""

from flask.cli import AppGroup

from service.commands.owner import as_owner
from service.commands.worker import stopping
from service.state import state
from service.webhooks import delivery

webhook_group = AppGroup("webhooks", help="Outgoing webhooks.")


@webhook_group.command("deliver")
def deliver() -> None:
    """Send webhooks of all tenants until SIGTERM or Ctrl-C, as app_owner (DIRECT_URL).

    As many of these as you like may run at once.
    """
    connections = state().settings.webhook_threads + 1
    with stopping() as stop, as_owner(connections=connections) as database:
        delivery.deliver(database, stop)
