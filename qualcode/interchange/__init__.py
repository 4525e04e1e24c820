"""Files that other programs read and write; each reader and writer says what it could not carry."""
