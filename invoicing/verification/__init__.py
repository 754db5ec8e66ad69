"""What an auditor recomputes from the stored rows alone: chains of documents, logs, their seals.

Nothing here writes to the database. Everything streams: memory does not grow with the tables.
"""
