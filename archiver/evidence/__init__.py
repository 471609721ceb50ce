"""What an archive can prove: a log of all that came in, its checks, proofs, and how words are taken out."""
