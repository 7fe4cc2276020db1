"""Files: written atomically, with hashes, and read again within limits."""
