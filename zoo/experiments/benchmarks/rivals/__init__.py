"""Other libraries that train the same nets; none of them is a dependency."""
