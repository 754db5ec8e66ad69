"""A request written by a person: the one form behind entry, correction and notes.

Every input is named by its path in the API's request, ``line_items[2].tax_rate``, so that what the
API's schema and the rules say of a field is said beside it. The schema is the API's own: a field
that the API learns appears here.
"""
