"""What staff see: home, get help, my requests, in their words. Imports tickets and what lies below it."""
