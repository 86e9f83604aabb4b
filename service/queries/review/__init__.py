"""What needs PostgreSQL's parser, and is there in development only: the review of the queries as a compiler does it."""
