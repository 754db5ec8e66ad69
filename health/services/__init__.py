"""Every change of the laboratory, one noun a file; each function commits one transaction."""
