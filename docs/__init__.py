"""The documentation, and the script that keeps its generated parts true."""
