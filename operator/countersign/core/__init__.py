"""What should happen next: pure, synchronous, total. Same snapshot, same step."""
