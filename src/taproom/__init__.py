"""Taproom: a SaaS analytics course with a living company behind it."""
