"""Programs that run beside the service, each started with `python -m service.commands.<name>`."""
