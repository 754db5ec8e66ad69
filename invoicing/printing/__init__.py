"""What the buyer gets to see: read from the document itself, laid out in Arabic and English.

`content` reads a document, `wording` has its words in both languages, `sheet` arranges them for the
layouts under templates/invoicing/print. Nothing here decides who may see it.
"""
