"""The site: the pages of docs/, a reference made from the code, and what builds both."""
