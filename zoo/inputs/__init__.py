"""What comes in: arguments, arrays, tables, streams, texts, and the checks of their numbers."""
