"""The ways of the six types through IMS: what is asked, in which order, and how it is found out
whether it happened.

Each step is one small function; `table.SAGAS` puts them in order. Nothing here moves a transaction:
services.walking writes a step's row before it is done and its result after.
"""
