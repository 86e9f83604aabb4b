"""How fast Draftroom is on this machine, beside its peers and beside PostgreSQL alone; docs/performance.md tells how to
read it."""
