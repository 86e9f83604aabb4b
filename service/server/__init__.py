"""What serves the application: gunicorn's threads, for those requests only that are there whole."""
