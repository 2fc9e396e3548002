"""The faculty that needs no model, no key and no network."""
