"""How the office writes dates: as they sort, and as every accountant reads them."""
