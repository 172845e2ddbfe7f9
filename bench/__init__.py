"""What `make bench` measures: a module for each part of the product, each giving its figures."""
