"""The Keras models: auto-encoder, classifier and scorer, and what they are made from."""
