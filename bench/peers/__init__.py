"""The same endpoints with the same answers, as others build them."""
