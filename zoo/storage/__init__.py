"""What is written: atomically, with sums, and read again within limits."""
