"""The laboratory over REST (D2)."""
