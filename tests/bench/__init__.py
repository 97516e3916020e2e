"""How fast the hub is, beside a peer in the same run: `make bench`."""
