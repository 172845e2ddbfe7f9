"""What is ordered for the councils: lines, what was delivered of each, and the assets that they become."""
