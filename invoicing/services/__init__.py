"""The commands of invoicing: everything that changes its rows."""
