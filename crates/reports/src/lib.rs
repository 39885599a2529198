//! Digests and lists for people, read through the service.
