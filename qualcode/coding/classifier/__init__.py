"""A classifier for many codes at once, which learns from what people decided and from what the codebook says."""
