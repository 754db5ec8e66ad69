"""Policies bound through partner systems."""
