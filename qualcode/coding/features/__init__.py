"""What coders see of talk: its units, their words as sparse counts, and what stands around them."""
