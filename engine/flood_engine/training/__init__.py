"""Training of the bundled model: from captioned motion capture to streams of prompted motion."""
